import Foundation
import ServerFixture
import Testing

@Suite("What the settings name")
struct NamedFilesTests {
    private func check(_ home: RegistryHome, _ more: String...) async throws -> FinishedProgram {
        try await FinishedProgram.run(
            BuiltPrograms.pratique, ["serve", "--check-config"] + home.arguments + more, in: home.path)
    }

    private func homeWithMissingToken() throws -> RegistryHome {
        var home = try RegistryHome(token: nil)
        home.settings["service_token_path"] = home.tokenPath
        return home
    }

    @Test("A token file that somebody named has to be there, and is named when it is not")
    func missingToken() async throws {
        let home = try homeWithMissingToken()
        let fault = await #expect(throws: StartFault.self) { try await RunningRegistry(home) }
        #expect(fault?.status == .exited(78))
        #expect(fault?.log.contains("\(home.tokenPath): the service token's file does not exist") == true)
        let checked = try await check(home)
        #expect(checked.status == .exited(78))
        #expect(checked.errors.contains(home.tokenPath), "\(checked)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: home.directory) == [])
    }

    @Test("Without a token on purpose there is a warning, from the check too")
    func noToken() async throws {
        let home = try RegistryHome(token: nil)
        let checked = try await check(home)
        #expect(checked.status == .exited(0))
        #expect(checked.errors.contains("warning: no service token is configured"), "\(checked)")
        try await withRegistry(home) { _ in }
        #expect(home.log.contains("no service token is configured"))
    }

    @Test(
        "The default token file may be absent, and the warning names it",
        .enabled(if: !FileManager.default.fileExists(atPath: "/run/secure-ai/service-token"), "there is one"))
    func noDefaultToken() async throws {
        let home = try RegistryHome(["service_token_path": "/run/secure-ai/service-token"], token: nil)
        let checked = try await check(home)
        #expect(checked.status == .exited(0))
        #expect(checked.errors.contains("/run/secure-ai/service-token does not exist"), "\(checked)")
        try await withRegistry(home) { _ in }
        #expect(home.log.contains("/run/secure-ai/service-token does not exist"))
    }

    @Test("The check looks at what serving needs, says the path, and changes nothing")
    func checked() async throws {
        let home = try RegistryHome()
        let folder = home.path + "/reports"
        try writeFile(Array("not a folder".utf8), to: home.path + "/file")
        for (setting, value, named) in [
            ("registry_dir", home.path + "/nothing", home.path + "/nothing"),
            ("registry_dir", home.path + "/file", home.path + "/file"),
            ("integrity_result_path", folder + "/last.json", folder),
            ("integrity_result_path", home.path + "/file/last.json", home.path + "/file"),
            ("policy_path", home.path + "/none.yaml", home.path + "/none.yaml"),
            ("policy_path", home.path + "/file", home.path + "/file:1"),
            ("bind_addr", "300.1.1.1:0", "bind_addr"),
            ("allowed_hosts", "good.example,https://bad.example", "https://bad.example"),
            ("allowed_hosts", "bad.example:8470", "bad.example:8470"), ("allowed_hosts", "-bad", "-bad"),
        ] {
            let program = try await check(home, "--set", "\(setting)=\(value)")
            #expect(program.status == .exited(78), "\(setting)=\(value): \(program)")
            #expect(program.errors.contains(named), "\(program)")
        }
        #expect(try await check(home, "--set", "allowed_hosts=a.example, b-c.example,10.0.0.1").status == .exited(0))
        #expect(!FileManager.default.fileExists(atPath: folder))
        #expect(try FileManager.default.contentsOfDirectory(atPath: home.directory) == [])
    }

    @Test("A registry at work does not keep the check from passing, and a store that others may write does")
    func checkedStore() async throws {
        let home = try RegistryHome()
        try await withRegistry(home) { _ in
            let program = try await check(home)
            #expect(program.status == .exited(0), "\(program)")
        }
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o777], ofItemAtPath: home.directory + "/store")
        let program = try await check(home)
        #expect(program.status == .exited(78))
        #expect(program.errors.contains("store/ is open to others"), "\(program)")
    }

    @Test("A configuration file that is missing or wrong is named")
    func configurationFile() async throws {
        let home = try RegistryHome()
        let missing = try await check(home, "--config", home.path + "/none.yaml")
        #expect(missing.status == .exited(78))
        #expect(missing.errors == "pratique: --config: \(home.path)/none.yaml does not exist\n")
        let file = home.path + "/list.yaml"
        try writeFile(Array("- a list\n".utf8), to: file)
        let list = try await check(home, "--config", file)
        #expect(list.status == .exited(78))
        #expect(list.errors.contains("\(file): has to be a mapping"), "\(list)")
    }

    @Test("An address that is taken is named")
    func takenAddress() async throws {
        try await withRegistry { registry in
            let address = "127.0.0.1:\(registry.address.port)"
            let home = try RegistryHome(["bind_addr": address])
            let fault = await #expect(throws: StartFault.self) { try await RunningRegistry(home) }
            #expect(fault?.status == .exited(78))
            #expect(fault?.log.contains("bind_addr: \(address) is taken") == true, "\(fault?.log ?? "")")
        }
    }
}

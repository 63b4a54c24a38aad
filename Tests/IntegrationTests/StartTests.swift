import Foundation
import Glibc
import ServerFixture
import StrictJSON
import Testing

@Suite("Starting")
struct StartTests {
    @Test("A second process on the same directory does not start and says why")
    func secondProcess() async throws {
        try await withRegistry { registry in
            var other = registry.home
            other.settings["integrity_result_path"] = other.path + "/other.json"
            let program = try await FinishedProgram.run(
                BuiltPrograms.pratique, ["serve", "--address-file", other.path + "/other"] + other.arguments,
                in: other.path)
            #expect(program.status == .exited(69))
            #expect(program.errors.contains("another process uses the registry's directory"), "\(program)")
            #expect(program.errors.contains("\(registry.process.id)"), "\(program)")
            // The first one is not disturbed, and commands that need the store to themselves do not start either.
            try await registry.admit("a", ModelFiles.gguf(1))
            #expect(try await registry.home.fsck().program.status == .exited(69))
        }
    }

    @Test("A server that was killed leaves nothing that keeps the next one from starting")
    func afterKill() async throws {
        let home = try RegistryHome()
        try await serverPermits.with {
            let registry = try await RunningRegistry(home)
            try await registry.admit("a", ModelFiles.gguf(1))
            await registry.kill()
        }
        try await withRegistry(home) { registry in expect(try await registry.path(of: "a"), 200) }
    }

    @Test("A store that others may write is refused", arguments: [0o777, 0o770, 0o720, 0o702, 0o755])
    func storeModes(permissions: Int) async throws {
        let home = try RegistryHome()
        try await withRegistry(home) { _ in }
        let store = home.directory + "/store"
        try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: store)
        let fault = await #expect(throws: StartFault.self) { try await RunningRegistry(home) }
        #expect(fault?.status == .exited(78))
        #expect(fault?.log.contains("store/ is open to others than its owner") == true, "\(fault?.log ?? "")")
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: store)
        try await withRegistry(home) { _ in }
    }

    @Test("A view that others may write is refused", arguments: [0o777, 0o775])
    func viewModes(permissions: Int) async throws {
        let home = try RegistryHome()
        try await withRegistry(home) { _ in }
        try FileManager.default.setAttributes(
            [.posixPermissions: permissions], ofItemAtPath: home.directory + "/trusted")
        let fault = await #expect(throws: StartFault.self) { try await RunningRegistry(home) }
        #expect(fault?.status == .exited(78))
    }

    @Test(
        "A store that belongs to somebody else is refused",
        .enabled(if: geteuid() == 0, "only root can give files away"))
    func storeOwner() async throws {
        let home = try RegistryHome()
        try await withRegistry(home) { _ in }
        try #require(chown(home.directory + "/store", 65_534, 65_534) == 0)
        let fault = await #expect(throws: StartFault.self) { try await RunningRegistry(home) }
        #expect(fault?.status == .exited(78))
        #expect(fault?.log.contains("belongs to another user") == true, "\(fault?.log ?? "")")
    }

    @Test("A store that is a link is refused")
    func storeLink() async throws {
        let home = try RegistryHome()
        try FileManager.default.createDirectory(atPath: home.path + "/elsewhere", withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(
            atPath: home.directory + "/store", withDestinationPath: home.path + "/elsewhere")
        await #expect(throws: StartFault.self) { try await RunningRegistry(home) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: home.path + "/elsewhere") == [])
    }

    @Test("A directory that is not there is not made")
    func noDirectory() async throws {
        let home = try RegistryHome()
        try FileManager.default.removeItem(atPath: home.directory)
        let fault = await #expect(throws: StartFault.self) { try await RunningRegistry(home) }
        #expect(fault?.status == .exited(78))
        #expect(!FileManager.default.fileExists(atPath: home.directory))
    }

    @Test(
        "Keys that are missing, exposed or cut off keep the server from starting, and are never replaced",
        arguments: ["row-seal", "log-signer"])
    func keys(name: String) async throws {
        let home = try RegistryHome()
        try await withRegistry(home) { registry in try await registry.admit("a", ModelFiles.gguf(1)) }
        let path = home.directory + "/store/keys/" + name
        let key = try #require(FileManager.default.contents(atPath: path))
        for damage in ["missing", "exposed", "short"] {
            switch damage {
            case "missing": try FileManager.default.removeItem(atPath: path)
            case "exposed": chmod(path, 0o644)
            default: try writeFile(Array(key.dropLast(9)), to: path)
            }
            let fault = await #expect(throws: StartFault.self) { try await RunningRegistry(home) }
            #expect(fault?.status == .exited(78))
            #expect(fault?.log.contains("store/keys/\(name)") == true, "\(fault?.log ?? "")")
            if damage == "missing" { #expect(!FileManager.default.fileExists(atPath: path)) }
            try #require(
                FileManager.default.createFile(atPath: path, contents: key, attributes: [.posixPermissions: 0o600]))
            chmod(path, 0o600)
        }
        try await withRegistry(home) { registry in expect(try await registry.path(of: "a"), 200) }
    }

    @Test(
        "A file that is no metadata store, or a damaged one, keeps the server from starting",
        arguments: ["text", "empty-header", "cut"])
    func damagedMetadata(how: String) async throws {
        let home = try RegistryHome()
        try await withRegistry(home) { registry in try await registry.admit("a", ModelFiles.gguf(1)) }
        let bytes = try #require(FileManager.default.contents(atPath: home.databasePath))
        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: home.databasePath + suffix) }
        switch how {
        case "text": try writeFile(Array("manifest: []\n".utf8), to: home.databasePath)
        case "empty-header":
            try writeFile([UInt8](repeating: 0, count: 100) + bytes.dropFirst(100), to: home.databasePath)
        default: try writeFile(Array(bytes.prefix(bytes.count / 2)), to: home.databasePath)
        }
        let report = try await home.fsck()
        #expect(!report.isClean, "\(report)")
        do {
            let registry = try await RunningRegistry(home)
            // It may open what SQLite can still read; it must not take it for an empty registry.
            #expect(how == "cut")
            #expect(try await registry.path(of: "a").status != 404)
            try await registry.stop()
        } catch let fault as StartFault {
            #expect(fault.status != .exited(0))
        }
    }

    @Test("Missing metadata beside stored keys is not taken for a new registry")
    func missingMetadata() async throws {
        let home = try RegistryHome()
        try await withRegistry(home) { registry in
            try await registry.admit("a", ModelFiles.gguf(1))
            _ = try await registry.revoke("a")
        }
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: home.databasePath + suffix) }
        let fault = await #expect(throws: StartFault.self) { try await RunningRegistry(home) }
        #expect(fault?.status != .exited(0))
        #expect(try await !home.fsck().isClean)
    }

    @Test("--check-config says whether the configuration can be used, and changes nothing")
    func checkConfig() async throws {
        let home = try RegistryHome()
        func check(_ more: String...) async throws -> FinishedProgram {
            try await FinishedProgram.run(
                BuiltPrograms.pratique, ["serve", "--check-config"] + home.arguments + more, in: home.path)
        }
        let good = try await check()
        #expect(good.status == .exited(0))
        #expect(good.errors.contains("policy default 2"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: home.directory) == [])
        for (setting, value) in [
            ("bind_addr", "nowhere"), ("bind_addr", "127.0.0.1:99999"), ("registry_dir", "relative"),
            ("log_level", "loud"),
            ("integrity_interval_seconds", "-1"), ("hash_age_seconds", "x"), ("anonymous_read", "maybe"),
            ("stalled_client_seconds", "0"), ("long_operations_max", "0"), ("policy_path", "/nonexistent/policy.yaml"),
        ] {
            let program = try await check("--set", "\(setting)=\(value)")
            #expect(program.status == .exited(78), "\(setting): \(program)")
            #expect(program.errors.contains(setting), "\(program)")
        }
        #expect(try await check("--set", "unknown=1").errors.contains("there is no setting unknown"))
        #expect(try await check("--unknown").status == .exited(64))
    }

    @Test("Settings come from flags before the environment, and from that before the file")
    func settings() async throws {
        let home = try RegistryHome()
        let file = home.path + "/pratique.yaml"
        try writeFile(Array("log_level: loud\nregistry_dir: \(home.directory)\n".utf8), to: file)
        func check(_ environment: [String: String], _ arguments: String...) async throws -> FinishedProgram {
            try await FinishedProgram.run(
                BuiltPrograms.pratique, ["serve", "--check-config", "--config", file] + arguments,
                environment: environment,
                in: home.path)
        }
        #expect(try await check([:]).errors.contains("log_level"))
        #expect(try await check(["LOG_LEVEL": "info"]).status == .exited(0))
        #expect(try await check(["LOG_LEVEL": "info"], "--set", "log_level=loud").status == .exited(78))
        try writeFile(Array("no_such_setting: 1\n".utf8), to: file)
        #expect(try await check([:]).errors.contains("\(file): there is no setting no_such_setting"))
    }
}

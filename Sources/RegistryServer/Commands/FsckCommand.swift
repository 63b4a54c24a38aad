import ArgumentParser
import RegistryServices

/// `pratique fsck`.
struct FsckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fsck", abstract: "Check the whole store while the server is stopped.",
        discussion: """
            Prints `clean` and exits 0, or names each problem and exits 11. Changes nothing that is stored. Exits 66
            where there is no store.
            """)

    @OptionGroup var settings: SettingOptions

    @Flag(name: .long, help: "Hash every stored file, too.")
    var deep = false

    func run() async throws {
        do {
            try await OfflineRegistry.use(try settings.configuration(), .suspect) { registry in
                let report = try await StoreCheck.report(registry, isDeep: deep)
                StandardOutput.write(StoreCheck.lines(report) + StoreCheck.summary(report))
                guard report.isClean else { throw ExitCode(11) }
            }
        } catch {
            throw CommandFailure.exit(error)
        }
    }
}

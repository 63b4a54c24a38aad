import ArgumentParser
import RegistryCore
import RegistryServices

/// `pratique rebuild-index`.
struct RebuildIndexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild-index",
        abstract: "Make records, names, counts and hashes anew from the log, while the server is stopped.",
        discussion: """
            Names what differed, replays every event that the signed checkpoint commits to, and checks the result. \
            Exits 0 if the store is clean then; 11 if the log is damaged, and then nothing is changed, or if \
            something is left that events cannot mend, such as a missing file. It may be stopped at any moment and \
            run again.
            """)

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        do {
            try await OfflineRegistry.use(try settings.configuration(), .suspect) { registry in
                StandardOutput.write(await Self.differences(registry))
                StandardError.write("rebuilding\n")
                let rebuilt = try await Rebuild(
                    store: registry.metadata, sealer: registry.sealer, publisher: registry.publisher
                ).run()
                StandardOutput.write(Self.summary(rebuilt))
                // What was read before is remembered; nothing of that is believed.
                try await registry.publisher.load()
                let after = try await StoreCheck.report(registry, isDeep: false)
                StandardOutput.write(StoreCheck.lines(after) + StoreCheck.summary(after))
                guard after.isClean else { throw ExitCode(11) }
            }
        } catch {
            throw CommandFailure.exit(error)
        }
    }

    /// What the old projections say that the log does not. They may be damaged so far that they cannot be compared.
    private static func differences(_ registry: RegistryAssembly) async -> String {
        do {
            let report = try await StoreCheck.report(registry, isDeep: false)
            return StoreCheck.lines(report).split(separator: "\n").map { "was: \($0)\n" }.joined()
        } catch {
            let reason = (error as? RegistryError)?.message ?? "They cannot be read."
            return "was: the old index could not be compared: \(reason)\n"
        }
    }

    private static func summary(_ report: Rebuild.Report) -> String {
        var text = "rebuilt: \(report.entries) log entries, \(report.versions) versions\n"
        if report.missingDocuments > 0 { text += "missing: \(report.missingDocuments) documents of evidence\n" }
        if report.missingManifests > 0 {
            text += "missing: \(report.missingManifests) manifests of deleted versions\n"
        }
        return text
    }
}

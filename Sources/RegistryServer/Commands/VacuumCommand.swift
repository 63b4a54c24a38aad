import ArgumentParser
import RegistryCore
import RegistryServices
import StorageFilesystem
import StorageSQLite

/// `pratique vacuum`.
struct VacuumCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vacuum", abstract: "Remove what nothing uses any more, while the server is stopped.",
        discussion: "Checks the store first, and removes nothing from one that is not clean.")

    @OptionGroup var settings: SettingOptions

    @Flag(name: .long, help: "Say what would be removed, and remove nothing.")
    var dryRun = false

    func run() async throws {
        do {
            let configuration = try settings.configuration()
            try await OfflineRegistry.use(configuration) { registry in
                try await requireClean(registry)
                let result = try await registry.collection(idleSeconds: configuration.uploadIdleSeconds)
                    .collect(isRehearsal: dryRun)
                if !dryRun {
                    _ = try await registry.blobs.discardLeftovers()
                    try await registry.metadata.vacuum()
                }
                StandardOutput.write(
                    "\(dryRun ? "would remove" : "removed") \(result.blobs) blobs, \(result.bytes) bytes\n")
            }
        } catch {
            throw CommandFailure.exit(error)
        }
    }

    private func requireClean(_ registry: RegistryAssembly) async throws {
        try await registry.publisher.load()
        let report = try await Fsck(
            store: registry.metadata, blobs: registry.blobs, views: registry.views, manifests: registry.manifests,
            sealer: registry.sealer, publisher: registry.publisher, isDeep: false
        ).run()
        guard report.isClean else {
            throw RegistryError(
                .recordTampered, "The store has \(report.problemCount) problems: run `pratique fsck` first.")
        }
    }
}

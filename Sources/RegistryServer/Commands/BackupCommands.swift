import ArgumentParser
import RegistryCore
import RegistryServices

/// `pratique backup`.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy everything that cannot be made again, while the server is stopped.",
        discussion: "The copy holds the registry's keys: keep it like them.")

    @OptionGroup var settings: SettingOptions

    @Argument(help: "An empty folder.")
    var folder: String

    func run() async throws {
        do {
            let backup = try StoreBackup(emptyFolder: folder)
            try await OfflineRegistry.use(try settings.configuration()) { registry in
                try await registry.publisher.load()
                try await registry.publisher.publish()
                let (blobs, bytes) = try await backup.write(registry)
                StandardOutput.write("backed up \(blobs) blobs, \(bytes) bytes, and the metadata\n")
            }
        } catch {
            throw CommandFailure.exit(error)
        }
    }
}

/// `pratique restore`.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Lay a backup out in an empty registry directory, and check it.",
        discussion: "Run `pratique fsck --deep` before the server is started.")

    @OptionGroup var settings: SettingOptions

    @Argument(help: "The folder of a backup.")
    var folder: String

    func run() async throws {
        do {
            let configuration = try settings.configuration()
            try StoreBackup(completeFolder: folder).restore(to: configuration.registryDirectory)
            try await OfflineRegistry.use(configuration) { registry in
                try await registry.publisher.load()
                try await registry.viewKeeper.showAll()
            }
            StandardOutput.write("restored\n")
        } catch {
            throw CommandFailure.exit(error)
        }
    }
}

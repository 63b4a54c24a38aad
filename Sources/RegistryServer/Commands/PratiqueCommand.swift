public import ArgumentParser
import RegistryWire

/// The server's program.
public struct PratiqueCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "pratique", abstract: "A registry that serves AI artifacts only while they are trusted.",
        version: RegistryVersion.current,
        subcommands: [
            ServeCommand.self, FsckCommand.self, RebuildIndexCommand.self, VacuumCommand.self, BackupCommand.self,
            RestoreCommand.self, TrustCommand.self, ReferenceCommand.self,
        ])

    public init() {}
}

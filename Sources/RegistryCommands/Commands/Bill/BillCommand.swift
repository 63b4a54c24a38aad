internal import ArgumentParser

struct BillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sbom", abstract: "Write and check bills of materials.",
        subcommands: [BillGenerateCommand.self, BillCheckCommand.self])
}

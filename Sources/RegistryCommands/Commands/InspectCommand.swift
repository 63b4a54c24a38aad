internal import ArgumentParser
internal import Inspection
internal import LinuxFiles
internal import ModelFormats
internal import StrictJSON

struct InspectCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Look into files without a registry.",
        discussion: """
            The same inspection as the registry's, in a process without rights. Exits 0 if everything is clean, 10 \
            if a person should look, 11 if something is known to be bad, 12 if something could not be checked.
            """)

    @Argument(help: "Files and directories.", completion: .file())
    var paths: [String]

    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        var results: [InspectedFile] = []
        for path in paths {
            let (files, others) = try Self.files(path)
            for file in files { results.append(await InspectedFile(file, in: context)) }
            for other in others { results.append(InspectedFile(notRegular: other)) }
        }
        show(results, context.console)
        return Self.status(of: Verdict.worst(of: results.map(\.verdict)))
    }

    /// A file by itself, or everything beneath a directory; what is no regular file there is not passed over.
    private static func files(_ path: String) throws(CommandFailure) -> (regular: [String], others: [String]) {
        guard (try? Directory(path: path)) != nil else { return ([path], []) }
        let tree = try FileTree(path)
        guard !tree.files.isEmpty || !tree.others.isEmpty else {
            throw CommandFailure(.noInput, "\(path) holds no file.")
        }
        return (tree.files.map { "\(path)/\($0)" }, tree.others.map { "\(path)/\($0)" })
    }

    static func status(of verdict: Verdict) -> ExitStatus {
        switch verdict {
        case .clean: .done
        case .review: .refusedByPolicy
        case .undecided: .unchecked
        case .block: .bad
        }
    }

    private func show(_ results: [InspectedFile], _ console: Console) {
        switch output.format {
        case .json: console.write(json: .array(results.map(\.json)))
        case .table:
            var table = TextTable(Self.columns, widthMax: console.tableWidth)
            console.write(table.render(results.map(\.cells)))
            for result in results where !result.lines.isEmpty {
                console.write("\n\(TerminalText.visible(result.path))\n")
                for line in result.lines { console.write("  \(TerminalText.visible(line))\n") }
            }
        }
    }

    private static let columns: [TextTable.Column] = [
        .init(title: "VERDICT"), .init(title: "FORMAT"), .init(title: "SIZE", alignment: .right),
        .init(title: "FINDINGS", alignment: .right), .init(title: "FILE"),
    ]
}

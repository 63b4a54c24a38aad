internal import ArgumentParser
internal import Inspection
internal import LinuxFiles

struct DiffCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Compare two files or directories, tensor by tensor.",
        discussion: """
            Tensors are compared by name, shape, type and the hash of their data; metadata, templates and members of \
            archives one by one; other files as bytes. Exits 0 if everything is the same, 1 if something differs, \
            12 if something could not be compared.
            """)

    @Argument(help: "File or directory.", completion: .file())
    var left: String

    @Argument(help: "What it is compared with: a file if that is one, a directory if that is one.", completion: .file())
    var right: String

    @OptionGroup var output: ReportOptions

    func validate() throws {
        guard output.format == .table || output.format == .json else {
            throw ValidationError("A comparison is a table or json.")
        }
    }

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let file = try output.file.map { path throws(CommandFailure) in try ReportFile(path) }
        let report = DiffReport(left: left, right: right, files: try await differences(in: context))
        let bytes =
            output.format == .json
            ? JSONText.document(report.json)
            : Array(report.text(width: file == nil ? context.console.tableWidth : nil).utf8)
        if let file { try file.write(bytes) } else { context.console.write(bytes: bytes) }
        return report.status
    }

    private func differences(in context: CommandContext) async throws -> [FileDifference] {
        let comparison = FileComparison(context: context)
        guard let old = try? Directory(path: left), let new = try? Directory(path: right) else {
            let (old, new) = (try LocalFile(left), try LocalFile(right))
            return [try await comparison.compare(old, new, as: right)]
        }
        let (before, after) = (try FileTree(left), try FileTree(right))
        let names = Set(before.files).union(after.files).union(before.others).union(after.others)
        let sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let (oldFiles, newFiles) = (Set(before.files), Set(after.files))
        let others = Set(before.others).union(after.others)
        var differences: [FileDifference] = []
        // One pair after the other: the tensors of one pair are hashed on all processors.
        for name in sorted {
            try Task.checkCancellation()
            if others.contains(name) {
                differences.append(FileDifference(name, .undecided, reason: "not a regular file"))
            } else if !newFiles.contains(name) {
                differences.append(FileDifference(name, .removed))
            } else if !oldFiles.contains(name) {
                differences.append(FileDifference(name, .added))
            } else {
                let first = try LocalFile(name, in: old, at: "\(left)/\(name)")
                let second = try LocalFile(name, in: new, at: "\(right)/\(name)")
                differences.append(try await comparison.compare(first, second, as: name))
            }
        }
        return differences
    }
}

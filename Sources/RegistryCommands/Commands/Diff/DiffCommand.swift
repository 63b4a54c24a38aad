internal import ArgumentParser
internal import DistributionClient

struct DiffCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Compare two files, directories or artifacts, tensor by tensor.",
        discussion: """
            Tensors are compared by name, shape, type and the hash of their data; metadata, templates and members of \
            archives one by one; other files as bytes. Artifacts are those of OCI image layouts (DIRECTORY, or \
            DIRECTORY:NAME if there are several in it) and of registries (oci://registry/repository:tag), which are \
            fetched into a temporary directory. Exits 0 if everything is the same, 1 if something differs, \
            12 if something could not be compared.
            """)

    @Argument(help: "File, directory, layout or oci:// reference.", completion: .file())
    var left: String

    @Argument(help: "What it is compared with: a file if that is one, else anything else.", completion: .file())
    var right: String

    @OptionGroup var registry: RegistryOptions
    @OptionGroup var output: ReportOptions

    func validate() throws {
        guard output.format == .table || output.format == .json else {
            throw ValidationError("A comparison is a table or json.")
        }
        for side in [left, right] { _ = try Self.reference(side) }
    }

    /// - Returns: `nil` for a path.
    private static func reference(_ side: String) throws -> ImageReference? {
        guard side.hasPrefix(FetchedArtifacts.scheme) else { return nil }
        return try ImageReference.exactArgument(String(side.dropFirst(FetchedArtifacts.scheme.utf8.count)))
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
        let isRemote = try [left, right].contains { try Self.reference($0) != nil }
        let fetched = isRemote ? try FetchedArtifacts(context.environment) : nil
        defer { fetched?.remove() }
        let old = try await side(left, fetched, context)
        let new = try await side(right, fetched, context)
        guard let old, let new else {
            let (old, new) = (try LocalFile(left), try LocalFile(right))
            return [try await comparison.compare(old, new, as: right)]
        }
        let names = Set(old.names).union(new.names).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var differences: [FileDifference] = []
        // One pair after the other: the tensors of one pair are hashed on all processors.
        for name in names {
            try Task.checkCancellation()
            if old.others.contains(name) || new.others.contains(name) {
                differences.append(FileDifference(name, .undecided, reason: "not a regular file"))
                continue
            }
            switch (old.holds(name), new.holds(name)) {
            case (true, false): differences.append(FileDifference(name, .removed))
            case (false, _): differences.append(FileDifference(name, .added))
            case (true, true):
                let (first, second) = (try await old.open(name), try await new.open(name))
                differences.append(try await comparison.compare(first, second, as: name))
            }
        }
        return differences
    }

    /// - Returns: `nil` for what is no directory, layout or reference.
    private func side(
        _ path: String, _ fetched: FetchedArtifacts?, _ context: CommandContext
    ) async throws -> ComparedTree? {
        guard let fetched, let reference = try Self.reference(path) else { return try ComparedTree(at: path) }
        let layout = try await registry.withClient(context) { client in
            try await fetched.fetch(reference, by: client, context)
        }
        return try ComparedTree(at: layout)
    }
}

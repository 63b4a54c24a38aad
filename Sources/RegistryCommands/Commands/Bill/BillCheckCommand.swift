internal import ArgumentParser
internal import BillOfMaterials
internal import OCI
internal import StrictJSON

struct BillCheckCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check a bill of materials, and whether it is about an artifact.",
        discussion: """
            CycloneDX 1.6 and 1.7, SPDX 2.3 and 3.0.1, in JSON. With --for each file has to be in it by its SHA-256. \
            Exits 0 if it is well formed and has all of them; 11 if not; 12 if the version is not read.
            """)

    @Argument(help: "File with the bill of materials.", completion: .file())
    var file: String

    @Option(name: .customLong("for"), help: "File, directory or digest that it has to be about.", completion: .file())
    var subject: String?

    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let bytes = try LocalFile(file).readAll(bytesMax: BillOfMaterials.limits.bytesMax)
        let bill: BillOfMaterials
        do {
            bill = try BillOfMaterials(parsing: bytes)
        } catch {
            show(fault: error, context)
            return error.isUndecided ? .unchecked : .bad
        }
        var subjects: [(name: String, digest: Digest)] = []
        if let subject { subjects = try await Self.digests(of: subject, context) }
        let missing = subjects.filter { bill.components(sha256: $0.digest.hex).isEmpty }.map { $0.name }
        show(bill, subjects.count, missing, context)
        return missing.isEmpty ? .done : .bad
    }

    private static func digests(
        of subject: String, _ context: CommandContext
    ) async throws -> [(name: String, digest: Digest)] {
        if let digest = try? Digest(parsing: subject) {
            guard digest.algorithm == .sha256 else {
                throw CommandFailure(.usage, "Bills are searched by SHA-256: say sha256:…")
            }
            return [(subject, digest)]
        }
        guard (try? LocalFile(subject)) == nil else {
            return [(subject, try await LocalFile(subject).hash(in: context).file)]
        }
        let tree = try FileTree(subject)
        guard tree.others.isEmpty, !tree.files.isEmpty else {
            throw CommandFailure(.unchecked, "\(tree.others.first ?? subject) is no file that a bill could be about.")
        }
        var found: [(name: String, digest: Digest)] = []
        for name in tree.files {
            found.append((name, try await LocalFile("\(subject)/\(name)").hash(in: context).file))
        }
        return found
    }

    private func show(fault: BillFault, _ context: CommandContext) {
        switch output.format {
        case .json:
            context.console.write(json: [
                "status": fault.isUndecided ? "undecided" : "failed", "reason": .string(fault.code),
                "detail": .string(fault.description),
            ])
        case .table:
            context.console.write(
                FieldList([
                    ("Bill", file), ("Well formed", fault.isUndecided ? "could not be checked" : "no"),
                    ("Because", fault.description), ("Reason", fault.code),
                ]).text)
        }
    }

    private func show(_ bill: BillOfMaterials, _ count: Int, _ missing: [String], _ context: CommandContext) {
        switch output.format {
        case .json:
            context.console.write(
                json: .object(
                    JSONObject(present: [
                        ("status", missing.isEmpty ? "verified" : "failed"), ("format", .string(bill.format.rawValue)),
                        ("version", .string(bill.version)), ("identifier", bill.identifier.map(JSONValue.string)),
                        ("name", bill.name.map(JSONValue.string)), ("components", .integer(bill.components.count)),
                        ("relationships", .integer(bill.relationshipsCount)), ("files", .integer(count)),
                        ("missing", .array(missing.map(JSONValue.string))),
                    ])))
        case .table:
            var fields = FieldList([
                ("Bill", file), ("Format", "\(bill.format.rawValue) \(bill.version)"), ("Name", bill.name),
                ("Identifier", bill.identifier), ("Well formed", "yes"),
                ("Components", String(bill.components.count)), ("Relationships", String(bill.relationshipsCount)),
            ])
            if subject != nil { fields.add("Files", "\(count - missing.count) of \(count) are in it by their SHA-256") }
            for name in missing.prefix(20) { fields.add("Missing", name) }
            fields.add("Not checked", "whether what it says is true; who says it")
            context.console.write(fields.text)
        }
    }
}

internal import ArgumentParser
internal import RegistryClient
internal import RegistryCore
internal import RegistryWire
internal import StrictJSON

struct VerifyCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check what a registry keeps, or who signed an artifact.",
        discussion: """
            Without --bundle the registry hashes what it keeps, now. Exits 0 if the bytes are the admitted ones and, \
            for a single artifact, if it is trusted; 11 if they are not; 12 if something could not be checked; 13 if \
            the bytes are right but the artifact is not trusted.

            With an identity or a key to ask for, signatures are verified instead, with what is in them and in the \
            trusted root: those of the files of --bundle, which may be about a file, a directory or a digest; or those \
            that lie beside oci://registry/repository:tag, or beside a manifest in an OCI layout (DIRECTORY, or \
            DIRECTORY:NAME). Exits 0 if as many signers as --threshold says have signed; 11 if not; 12 if it could \
            not be checked.

            With --vsa, what the registry has signed about an admission is verified, without the registry: by its key, \
            --key VKEY, and against a saved copy of its log. The artifact may be a file, a directory, a digest, \
            oci:// or a layout. Exits 0 if it was admitted as asked and nothing in the log withdrew it since; 11 if \
            not; 12 if it could not be checked.
            """)

    @Argument(
        help: """
            Name of the artifact, or name:tag, or repository@digest. With --bundle: a file, directory or digest. With \
            an identity or key alone: oci:// reference or layout.
            """)
    var subject: String?

    @Flag(help: "Every artifact that has bytes.")
    var all = false

    @Flag(help: "Compare the tensors of GGUF files with their manifests instead, and name those that changed.")
    var tensors = false

    @OptionGroup(title: "Summaries") var summaries: SummaryOptions
    @OptionGroup(title: "Signatures") var signatures: SignatureOptions
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    private var name: ArtifactArgument? { subject.flatMap { ArtifactArgument(argument: $0) } }

    func validate() throws {
        guard !signatures.isAsked, !summaries.isAsked else {
            guard subject != nil, !all, !tensors else {
                throw ValidationError("Name the file, digest, reference or layout that the signatures are about.")
            }
            return
        }
        guard (subject != nil) != all else { throw ValidationError("Name an artifact, or say --all.") }
        guard subject == nil || name != nil else {
            throw ValidationError("That is no name of an artifact.")
        }
    }

    func execute(in context: CommandContext) async throws -> ExitStatus {
        if summaries.isAsked, let subject { return try await checkSummary(of: subject, context) }
        if signatures.isAsked, let subject { return try await checkSignatures(of: subject, context) }
        return try await server.withClient(context) { client in
            if tensors { return try await checkTensors(client, context) }
            guard let name else { return try await sweep(client, context) }
            return try await check(name.name(at: client), client, context)
        }
    }

    private func check(
        _ name: ArtifactName, _ client: RegistryClient, _ context: CommandContext
    ) async throws -> ExitStatus {
        let row = try await context.watchingWork(on: name.description) { observe throws(ClientFault) in
            try await client.verify(name, observe: observe)
        }
        switch output.format {
        case .json: context.console.write(json: row.json)
        case .table:
            context.console.write(
                FieldList([
                    ("Name", row.name), ("Bytes", row.status), ("State", row.state),
                    ("Safe to use", row.safeToUse ? "yes" : "no"), ("SHA-256", row.sha256), ("Found", row.actual),
                    ("In file", row.file),
                ]).text)
        }
        switch row.status {
        case "verified": return row.safeToUse ? .done : .wrongState
        case "failed": return .bad
        default: return .unchecked
        }
    }

    private func sweep(_ client: RegistryClient, _ context: CommandContext) async throws -> ExitStatus {
        let meter = context.meter("verifying", .items("artifacts"), total: nil)
        defer { meter.finish() }
        let result = try await client.verifyAll { _ in meter.advance() }
        meter.finish()
        switch output.format {
        case .json: context.console.write(json: result.json)
        case .table:
            var table = TextTable(Self.sweepColumns, widthMax: context.console.tableWidth)
            let rows = result.models.filter { $0.status != "verified" }
            if !rows.isEmpty {
                context.console.write(table.render(rows.map { [$0.name, $0.status, $0.state ?? "", $0.actual ?? ""] }))
            }
            let more = result.failures + result.undecided - min(UInt64(rows.count), result.failures + result.undecided)
            if more > 0 { context.console.write("… and \(Quantities.count(more, "more artifact")).\n") }
            let undecided = result.undecided > 0 ? ", \(result.undecided) could not be checked" : ""
            context.console.write(
                "\(Quantities.count(result.checked, "artifact")) checked, \(Quantities.bytes(result.bytes)), "
                    + "\(Quantities.count(result.failures, "failure"))\(undecided).\n")
        }
        return Self.status(of: result)
    }

    /// The worst row decides, whatever the registry says in summary.
    private static func status(of sweep: SweepDocument) -> ExitStatus {
        if sweep.failures > 0 || sweep.models.contains(where: { $0.status == "failed" }) { return .bad }
        let allVerified = sweep.undecided == 0 && sweep.models.allSatisfy { $0.status == "verified" }
        return sweep.status == "ok" && allVerified ? .done : .unchecked
    }

    private func checkTensors(_ client: RegistryClient, _ context: CommandContext) async throws -> ExitStatus {
        let (rows, omitted): ([TensorCheckDocument], UInt64)
        if let name {
            (rows, omitted) = ([try await client.verifyTensors(of: name.name(at: client))], 0)
        } else {
            let sweep = try await client.verifyAllTensors()
            (rows, omitted) = (sweep.models, sweep.modelsOmitted)
        }
        var printer = RowPrinter(output.format, Self.tensorColumns, context.console)
        printer.print(
            rows.map { row in
                ([row.name, row.status, String(row.tensors), row.changed.joined(separator: ", ")], row.json)
            })
        printer.finish(ifNone: "No artifacts.")
        if omitted > 0 { context.console.note("\(Quantities.count(omitted, "more artifact")) not shown.") }
        if rows.contains(where: { $0.status == "failed" }) { return .bad }
        return rows.allSatisfy { $0.status == "verified" || $0.status == "skipped" } ? .done : .unchecked
    }

    private func checkSummary(of subject: String, _ context: CommandContext) async throws -> ExitStatus {
        guard signatures.isKeyAlone else {
            throw CommandFailure(.usage, "A summary and other signatures are verified one after another.")
        }
        let report = try await SummaryRun(summaries, keys: signatures.key).report(
            on: subject, server.registryAccess, context)
        switch output.format {
        case .json: context.console.write(json: report.json)
        case .table: context.console.write(report.text)
        }
        return report.status
    }

    private func checkSignatures(of subject: String, _ context: CommandContext) async throws -> ExitStatus {
        let reference = try SignatureRun.reference(subject, signatures)
        let run = try SignatureRun(signatures)
        let report: SignatureReport
        if let reference {
            report = try await server.registryAccess.withClient(context) { client in
                try await run.report(on: reference, named: subject, client)
            }
        } else {
            report = try await run.report(on: subject, context)
        }
        switch output.format {
        case .json: context.console.write(json: report.json)
        case .table: context.console.write(report.text)
        }
        return report.status
    }

    private static let sweepColumns: [TextTable.Column] = [
        .init(title: "NAME", canShrink: true), .init(title: "BYTES"), .init(title: "STATE"), .init(title: "FOUND"),
    ]
    private static let tensorColumns: [TextTable.Column] = [
        .init(title: "NAME", canShrink: true), .init(title: "TENSORS"), .init(title: "COUNT", alignment: .right),
        .init(title: "CHANGED"),
    ]
}

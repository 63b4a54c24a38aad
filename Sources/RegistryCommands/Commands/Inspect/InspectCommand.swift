internal import ArgumentParser
internal import Inspection
internal import RegistryCore
internal import StrictJSON

struct InspectCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Look into files without a registry.",
        discussion: """
            The same inspection as the registry's, in a process without rights, on all processors. Directories are \
            walked without following links; archives are looked into.

            Of several files the worst decides. From best to worst: 0 everything is clean, 10 a person should look, \
            12 something could not be checked, 66, 74 or 77 something is not there or cannot be read, 11 something is \
            known to be bad. With --policy: 0 it would be admitted, 10 refused, 11 refused and known to be bad, \
            12 undecided. 64 is a wrong command line.
            """)

    @Argument(help: "Files and directories.", completion: .file())
    var paths: [String]

    @Option(help: "Say what this policy would decide about each path as one artifact.", completion: .file())
    var policy: String?

    @Option(name: .customLong("as"), help: "With --policy: the name under which it would be acquired.")
    var name: String?

    @Option(help: "With --policy: where it would be said to come from.")
    var source: String?

    @Flag(
        help: "Compute statistics of every tensor of GGUF and safetensors files, and say what is unusual about them.")
    var weights = false

    @Flag(help: "List the opcodes of a pickle instead, one by one: FILE, or ARCHIVE!/MEMBER.")
    var opcodes = false

    @Flag(help: "Show what each byte of a GGUF or safetensors file belongs to instead.")
    var map = false

    @OptionGroup var output: ReportOptions

    func validate() throws {
        guard !paths.contains("") else { throw ValidationError("A path cannot be empty.") }
        guard policy != nil || (name == nil && source == nil) else {
            throw ValidationError("--as and --source say something to a --policy.")
        }
        guard !opcodes && !map else { return try validateView() }
        guard output.format != .svg else { throw ValidationError("Only a --map is drawn.") }
    }

    private func validateView() throws {
        guard opcodes != map, !weights, policy == nil else {
            throw ValidationError("--opcodes, --map, --weights and --policy are different things.")
        }
        guard paths.count == 1 else { throw ValidationError("One file at a time.") }
        guard output.format != .sarif else { throw ValidationError("There are no results in it: table or json.") }
        guard map || output.format != .svg else { throw ValidationError("Only a --map is drawn.") }
        guard map || output.file == nil else {
            throw ValidationError("Opcodes are shown while they are read: send standard output where you like.")
        }
    }

    func execute(in context: CommandContext) async throws -> ExitStatus {
        if opcodes {
            return try await OpcodeListing(path: paths[0], isForPrograms: output.format == .json).show(in: context)
        }
        if map { return try await showMap(in: context) }
        // What is wrong with the command line shows before the work.
        let policy = try policy.map { path throws(CommandFailure) in try PolicyForecast.policy(at: path) }
        let file = try output.file.map { path throws(CommandFailure) in try ReportFile(path) }
        let run = try await InspectionRun(paths, weights: weights, in: context)
        let forecast = policy.map { PolicyForecast($0, run.artifacts, stated: stated) }
        let status = forecast?.status(of: run) ?? run.status
        let width = file == nil ? context.console.tableWidth : nil
        let report = report(run, forecast, status, width: width)
        if let file { try file.write(report) } else { context.console.write(bytes: report) }
        return status
    }

    private func showMap(in context: CommandContext) async throws -> ExitStatus {
        let file = try output.file.map { path throws(CommandFailure) in try ReportFile(path) }
        let map = try await MapReport(paths[0], in: context)
        let bytes =
            switch output.format {
            case .json: JSONText.document(map.json)
            case .svg: Array(MapDrawing(report: map).svg.utf8)
            case .table, .sarif: Array(map.text(width: file == nil ? context.console.tableWidth : nil).utf8)
            }
        if let file { try file.write(bytes) } else { context.console.write(bytes: bytes) }
        return .done
    }

    private var stated: [PolicyFact: String] {
        var stated: [PolicyFact: String] = [:]
        stated[.name] = name
        stated[.source] = source
        return stated
    }

    private func report(
        _ run: InspectionRun, _ forecast: PolicyForecast?, _ status: ExitStatus, width: Int?
    ) -> [UInt8] {
        switch output.format {
        case .json: return JSONText.document(InspectionDocument(run: run, forecast: forecast).json)
        case .sarif: return JSONText.document(SARIFReport(run: run, status: status).json)
        case .table, .svg:
            let table = InspectionTable(width: width).text(run)
            return Array((table + (forecast.map { "\n" + $0.text(run.artifacts, width: width) } ?? "")).utf8)
        }
    }
}

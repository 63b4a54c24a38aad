internal import ArgumentParser

/// How a report is written, and where.
///
/// `--output` names a file. Everywhere else in this program it names a format, so `json` and `table` still do here; a
/// file of such a name is written as `./json`.
struct ReportOptions: ParsableArguments, OutputChoice {
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case table, json, sarif, svg
    }

    @Option(name: .customLong("format"), help: "table for people, json or sarif for programs; svg draws a map.")
    private var chosen: Format?

    @Option(
        name: [.customLong("output"), .customShort("o")],
        help: ArgumentHelp("Write the report to this file, whole or not at all.", valueName: "file"))
    private var target: String?

    @Flag(name: .shortAndLong, help: "Show no progress.")
    var quiet = false

    private static let formatsByOutput: [String: Format] = ["json": .json, "table": .table]

    var format: Format { chosen ?? target.flatMap { Self.formatsByOutput[$0] } ?? .table }

    /// Where the report goes; `nil` for standard output.
    var file: String? { target.flatMap { Self.formatsByOutput[$0] == nil ? $0 : nil } }

    var isForPrograms: Bool { format == .json && file == nil }

    func validate() throws {
        if target?.isEmpty == true { throw ValidationError("--output names no file.") }
    }
}

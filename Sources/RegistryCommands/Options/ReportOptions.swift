internal import ArgumentParser

/// How a report is written, and where.
struct ReportOptions: ParsableArguments, OutputChoice {
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case table, json, sarif, svg
    }

    @Option(
        name: [.customLong("output"), .customShort("o")],
        help: ArgumentHelp(
            "For people (table) or for programs (json, sarif); svg draws a map.", valueName: "output"))
    var format = Format.table

    @Option(
        name: .customLong("report"),
        help: ArgumentHelp("Write the report to this file, whole or not at all.", valueName: "file"))
    var file: String?

    @Flag(name: .shortAndLong, help: "Show no progress.")
    var quiet = false

    var isForPrograms: Bool { format == .json && file == nil }

    func validate() throws {
        if file?.isEmpty == true { throw ValidationError("--report names no file.") }
    }
}

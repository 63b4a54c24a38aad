internal import ArgumentParser

/// How results are shown.
struct OutputOptions: ParsableArguments {
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case table, json
    }

    @Option(name: [.customLong("output"), .customShort("o")], help: "For people (table) or for programs (json).")
    var format = Format.table

    @Flag(name: .shortAndLong, help: "Show no progress.")
    var quiet = false
}

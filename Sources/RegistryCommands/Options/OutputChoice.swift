/// What every command says about its output, whatever it is called there.
protocol OutputChoice {
    /// Show no progress.
    var quiet: Bool { get }
    /// Whether programs read the result: they are told of a failure in JSON, too.
    var isForPrograms: Bool { get }
}

extension OutputOptions: OutputChoice {
    var isForPrograms: Bool { format == .json }
}

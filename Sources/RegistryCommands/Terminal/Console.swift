internal import Glibc
internal import StrictJSON

/// Where a command writes: results to standard output, everything else to standard error.
public struct Console: Sendable {
    public typealias Sink = @Sendable ([UInt8]) -> Void

    private let output: Sink
    private let diagnostics: Sink

    /// Cells of the terminal that standard output is; `nil` if it is none.
    let tableWidth: Int?

    /// Cells of the terminal that standard error is; `nil` if it is none, or progress is not wanted.
    private(set) var progressWidth: Int?

    public init(output: @escaping Sink, diagnostics: @escaping Sink, tableWidth: Int?, progressWidth: Int?) {
        self.output = output
        self.diagnostics = diagnostics
        self.tableWidth = tableWidth
        self.progressWidth = progressWidth
    }

    /// The process's own streams.
    public static var process: Console {
        Console(
            output: { write($0, to: STDOUT_FILENO) }, diagnostics: { write($0, to: STDERR_FILENO) },
            tableWidth: terminalWidth(STDOUT_FILENO), progressWidth: terminalWidth(STDERR_FILENO))
    }

    /// The same without progress.
    var quiet: Console {
        var quiet = self
        quiet.progressWidth = nil
        return quiet
    }

    /// Writes a result as it is. Text from elsewhere must have been neutralised.
    func write(_ text: String) {
        output(Array(text.utf8))
    }

    /// Writes bytes of a document as they are.
    func write(bytes: [UInt8]) {
        output(bytes)
    }

    /// Writes a JSON document, readable for people and programs and harmless for terminals.
    func write(json: JSONValue) {
        output(JSONText.document(json))
    }

    /// Tells people something beside the result, on a line of its own.
    func note(_ text: String) {
        diagnostics(Array((TerminalText.visible(text) + "\n").utf8))
    }

    /// Draws on the terminal. Only for progress.
    func draw(_ text: String) {
        diagnostics(Array(text.utf8))
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }

    private static func terminalWidth(_ descriptor: Int32) -> Int? {
        guard isatty(descriptor) == 1 else { return nil }
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 20 else { return 80 }
        return Int(size.ws_col)
    }
}

public import ModelFormats

/// Writes a view line by line, in pieces.
struct ViewWriter {
    private var buffer: [UInt8] = []
    private let write: ([UInt8]) -> Void

    private static let pieceBytes = 64 << 10

    init(_ write: @escaping ([UInt8]) -> Void) {
        self.write = write
    }

    mutating func line(_ fields: String...) { line(fields) }

    mutating func line(_ fields: [String]) {
        buffer += ViewLine(fields).bytes
        if buffer.count >= Self.pieceBytes { flush() }
    }

    mutating func flush() {
        if !buffer.isEmpty { write(buffer) }
        buffer.removeAll(keepingCapacity: true)
    }
}

extension Inspector {
    /// Writes what a view shows, as lines of fields. The last line is `end` when the view is complete, or `fault` and
    /// why it is not.
    ///
    /// - Parameters:
    ///   - member: a path through archives in the file, `!/` between them; empty for the file itself.
    ///   - write: takes pieces of any size.
    public static func view(
        _ view: FileView, of source: some ByteSource, member: String, limits: InspectionLimits = .standard,
        write: @escaping ([UInt8]) -> Void
    ) {
        var writer = ViewWriter(write)
        do throws(FormatFault) {
            let budget = limits.archive.budget(fileBytes: source.sizeBytes, workMax: limits.workMax)
            let part = try MemberPath(member).open(in: source, limits, budget)
            switch part {
            case .absent(let names):
                for name in names { writer.line("member", VisibleText.excerpt(name, scalarsMax: 400)) }
                writer.line("fault", "no-member")
            case .found(let part):
                switch view {
                case .opcodes: try OpcodeView(limits: limits).write(part, to: &writer)
                case .map: try MapView(limits: limits).write(part, to: &writer)
                case .contents: try ContentsView(limits: limits, budget: budget).write(part, to: &writer)
                }
            }
        } catch {
            writer.line("fault", VisibleText.excerpt("\(error)", scalarsMax: 400))
        }
        writer.flush()
    }
}

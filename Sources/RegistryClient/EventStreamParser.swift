/// One event of a `text/event-stream`.
public struct StreamedEvent: Sendable, Hashable {
    /// `message` if the server named none.
    public var name: String
    public var data: [UInt8]

    public init(name: String, data: [UInt8]) {
        self.name = name
        self.data = data
    }
}

/// Why a stream of events cannot be read on.
public enum EventStreamFault: Error, Sendable, Hashable {
    case lineTooLong(bytesMax: Int)
    case eventTooLarge(bytesMax: Int)
}

/// Cuts a stream of bytes into events (WHATWG HTML, *Server-sent events*, Interpreting an event stream).
///
/// Pure: pieces go in as they arrive, complete events come out. Fields other than `event` and `data` are ignored.
public struct EventStreamParser: Sendable {
    /// Longest line, and most data of one event. The last event of a sweep lists up to 1,000 artifacts.
    public static let bytesMaxDefault = 64 << 20

    private let bytesMax: Int
    private var line: [UInt8] = []
    private var endedWithCarriageReturn = false
    private var name = ""
    private var data: [UInt8] = []
    private var hasData = false

    public init(bytesMax: Int = bytesMaxDefault) {
        self.bytesMax = bytesMax
    }

    /// Takes the next piece of the stream; returns the events that it completed.
    public mutating func receive(_ piece: [UInt8]) throws(EventStreamFault) -> [StreamedEvent] {
        var events: [StreamedEvent] = []
        var start = piece.startIndex
        if endedWithCarriageReturn, piece.first == Self.lineFeed { start += 1 }
        if !piece.isEmpty { endedWithCarriageReturn = false }
        while start < piece.endIndex {
            guard let end = piece[start...].firstIndex(where: { $0 == Self.lineFeed || $0 == Self.carriageReturn })
            else {
                try extendLine(piece[start...])
                break
            }
            try extendLine(piece[start..<end])
            if let event = try endLine() { events.append(event) }
            start = end + 1
            if piece[end] == Self.carriageReturn {
                if start == piece.endIndex {
                    endedWithCarriageReturn = true
                } else if piece[start] == Self.lineFeed {
                    start += 1
                }
            }
        }
        return events
    }

    private mutating func extendLine(_ bytes: ArraySlice<UInt8>) throws(EventStreamFault) {
        guard line.count + bytes.count <= bytesMax else { throw .lineTooLong(bytesMax: bytesMax) }
        line += bytes
    }

    private mutating func endLine() throws(EventStreamFault) -> StreamedEvent? {
        defer { line.removeAll(keepingCapacity: true) }
        guard !line.isEmpty else { return dispatch() }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[min(colon + 1, line.endIndex)...]
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        let field = line[..<colon]
        if field.elementsEqual("event".utf8) {
            name = String(decoding: value, as: UTF8.self)
        } else if field.elementsEqual("data".utf8) {
            guard data.count + value.count < bytesMax else { throw .eventTooLarge(bytesMax: bytesMax) }
            if hasData { data.append(Self.lineFeed) }
            data += value
            hasData = true
        }
        return nil
    }

    private mutating func dispatch() -> StreamedEvent? {
        defer {
            name = ""
            data = []
            hasData = false
        }
        return hasData ? StreamedEvent(name: name.isEmpty ? "message" : name, data: data) : nil
    }

    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
}

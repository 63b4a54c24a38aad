public import Logging
public import RegistryCore
import StrictJSON

/// Writes one JSON object a line to standard error, for the journal: nothing to rotate.
public struct JSONLogHandler: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var logLevel: Logger.Level
    private let label: String
    private let now: @Sendable () -> Timestamp

    public init(label: String, level: Logger.Level, now: @escaping @Sendable () -> Timestamp) {
        self.label = label
        logLevel = level
        self.now = now
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        StandardError.write(line(event))
    }

    /// The object and a line feed. Each request writes one, which is why no tree of values is made for it.
    package func line(_ event: LogEvent) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(Self.usualBytes)
        line.append(contentsOf: #"{"time":""#.utf8)
        now().appendText(to: &line)
        line.append(contentsOf: #"","level":""#.utf8)
        line.append(contentsOf: event.level.rawValue.utf8)
        line.append(contentsOf: #"","logger":"#.utf8)
        JSONValue.string(label).encode(to: &line)
        line.append(contentsOf: #","message":"#.utf8)
        JSONValue.string("\(event.message)").encode(to: &line)
        for (key, value) in fields(event.metadata) {
            line.append(UInt8(ascii: ","))
            JSONValue.string(Self.reserved.contains(key) ? "field.\(key)" : key).encode(to: &line)
            line.append(UInt8(ascii: ":"))
            JSONValue.string("\(value)").encode(to: &line)
        }
        line.append(contentsOf: "}\n".utf8)
        return line
    }

    /// What came with the event, and what the logger always has where the event says nothing else, in order.
    private func fields(_ own: Logger.Metadata?) -> [(key: String, value: Logger.MetadataValue)] {
        var fields = own.map { Array($0) } ?? []
        for (key, value) in metadata where own?[key] == nil { fields.append((key, value)) }
        fields.removeAll { $0.key == Self.requestOfHummingbird }
        return fields.sorted { $0.key < $1.key }
    }

    /// The same as our own `request`.
    private static let requestOfHummingbird = "hb.request.id"
    private static let reserved: Set<String> = ["time", "level", "logger", "message"]
    private static let usualBytes = 320
}

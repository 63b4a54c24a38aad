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
        var members: [(String, JSONValue)] = [
            ("time", .string(now().description)), ("level", .string(event.level.rawValue)),
            ("logger", .string(label)), ("message", .string("\(event.message)")),
        ]
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) where key != "hb.request.id" {
            members.append((Self.reserved.contains(key) ? "field.\(key)" : key, .string("\(value)")))
        }
        var line = JSONValue.object(JSONObject(members)).encoded()
        line.append(UInt8(ascii: "\n"))
        StandardError.write(line)
    }

    private static let reserved: Set<String> = ["time", "level", "logger", "message"]
}

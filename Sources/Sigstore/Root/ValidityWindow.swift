public import DER

/// When something of a trusted root is used. Both ends belong to it; a missing one is open.
public struct ValidityWindow: Sendable, Hashable {
    public let start: UnixTime?
    public let end: UnixTime?

    public init(start: UnixTime?, end: UnixTime?) {
        self.start = start
        self.end = end
    }

    public func contains(_ time: UnixTime) -> Bool {
        (start.map { $0 <= time } ?? true) && (end.map { time <= $0 } ?? true)
    }
}

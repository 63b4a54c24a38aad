internal import StrictJSON

/// What a token service gave.
package struct AccessToken: Sendable, Hashable {
    package let text: String
    private let end: ContinuousClock.Instant

    /// A token is not used in its last seconds, in which it could end on the way.
    private static let margin = Duration.seconds(10)
    private static let bytesMax = 64 << 10

    /// Reads `token` or `access_token`, and `expires_in`, 60 seconds where that is missing.
    package init?(parsing body: [UInt8], at now: ContinuousClock.Instant) {
        let limits = JSONLimits(bytesMax: 1 << 20, nodesMax: 1_000, stringBytesMax: Self.bytesMax)
        guard let object = try? StrictJSON.parse(body, limits: limits).asObject else { return nil }
        let found = [object["token"]?.asString, object["access_token"]?.asString].lazy.compactMap(\.self)
        guard let text = found.first(where: { !$0.isEmpty }), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            return nil
        }
        self.text = text
        let seconds = object["expires_in"]?.asNumber?.uint64 ?? 60
        end = now + .seconds(Int64(clamping: min(max(seconds, 1), 86_400)))
    }

    package func isFresh(at now: ContinuousClock.Instant) -> Bool { now + Self.margin < end }
}

internal import StrictJSON

/// Documents of services, which nobody vouches for.
enum ServiceAnswer {
    private static let depthMax = 32
    private static let nodesMax = 1 << 14

    /// - Returns: `nil` for anything but one JSON object in which every name stands once.
    static func object(_ bytes: some Collection<UInt8>, bytesMax: Int) -> JSONObject? {
        let limits = JSONLimits(
            bytesMax: bytesMax, depthMax: depthMax, nodesMax: nodesMax, stringBytesMax: bytesMax)
        return (try? StrictJSON.parse(Array(bytes), limits: limits))?.asObject
    }
}

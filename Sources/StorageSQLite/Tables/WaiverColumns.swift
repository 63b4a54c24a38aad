import RegistryCore
import RegistryPorts
import StrictJSON

/// The columns of a record that hold JSON; `nil` where there is nothing, as rows of earlier programs have it.
enum WaiverColumns {
    static func text(_ waivers: [Waiver]) -> String? {
        waivers.isEmpty ? nil : text(.array(waivers.map(\.json)))
    }

    static func text(_ admittance: Admittance?) -> String? {
        guard let admittance, !admittance.waivers.isEmpty else { return nil }
        return text(
            .object(
                JSONObject([
                    ("waivers", .array(admittance.waivers.map { .number(JSONNumber($0)) })),
                    ("until", admittance.validUntil.map { .string($0.description) } ?? .null),
                ])))
    }

    static func text(_ recheck: Recheck?) -> String? {
        recheck.map { text($0.json) }
    }

    static func waivers(_ text: String) throws(StorageFault) -> [Waiver] {
        try read(text) { value in try (value.asArray ?? []).map { try Waiver(json: $0) } }
    }

    static func basis(_ text: String) throws(StorageFault) -> (waivers: [UInt64], validUntil: Timestamp?) {
        try read(text) { value in
            var fields = try FieldReader(value)
            let waivers = try fields.requiredArray("waivers").compactMap(\.asNumber?.uint64)
            return (waivers, try fields.optionalString("until").flatMap { Timestamp(parsing: $0) })
        }
    }

    static func recheck(_ text: String) throws(StorageFault) -> Recheck {
        try read(text) { value in try Recheck(json: value) }
    }

    private static func text(_ value: JSONValue) -> String {
        String(decoding: value.encoded(), as: UTF8.self)
    }

    private static func read<T>(_ text: String, _ read: (JSONValue) throws -> T) throws(StorageFault) -> T {
        do {
            return try read(try StrictJSON.parse(Array(text.utf8), limits: .waivers))
        } catch {
            throw .corrupted(reason: "a record has a column that is not the JSON of its kind")
        }
    }
}

extension JSONLimits {
    /// Waivers of one version come from the log, whose entries are bounded.
    fileprivate static let waivers = JSONLimits(
        bytesMax: 8 << 20, depthMax: 8, nodesMax: 1 << 16, stringBytesMax: 1 << 20)
}

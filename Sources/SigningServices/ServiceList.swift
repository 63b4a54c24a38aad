internal import DER
public import RegistryClient
internal import StrictJSON

/// Which services an instance of Sigstore has: its `signing_config.json`, version 0.2.
public struct ServiceList: Sendable {
    public enum Fault: Error, Sendable, Hashable {
        case malformed(String)
        /// None that is in use now and speaks a version that we speak.
        case none(String)
    }

    public let certificates: ServerAddress
    public let log: ServerAddress
    public let timestamps: ServerAddress

    public static let bytesMax = 1 << 20

    private static let servicesMax = 64
    private static let mediaType = "application/vnd.dev.sigstore.signingconfig.v0.2+json"

    /// Takes the newest of each kind that is in use.
    ///
    /// - Parameter now: seconds since 1970.
    public init(parsing bytes: [UInt8], now: Int64) throws(Fault) {
        guard let time = UnixTime(seconds: now),
            let object = ServiceAnswer.object(bytes, bytesMax: Self.bytesMax)
        else { throw .malformed("the document") }
        guard object["mediaType"]?.asString == Self.mediaType else { throw .malformed("mediaType") }
        certificates = try Self.address(object, "caUrls", version: 1, at: time)
        log = try Self.address(object, "rekorTlogUrls", version: 2, at: time)
        timestamps = try Self.address(object, "tsaUrls", version: 1, at: time)
    }

    private static func address(
        _ list: JSONObject, _ name: String, version: Int64, at now: UnixTime
    ) throws(Fault) -> ServerAddress {
        guard let services = list[name]?.asArray, services.count <= servicesMax else { throw .malformed(name) }
        var newest: (address: ServerAddress, start: UnixTime)?
        for service in services {
            guard let service = service.asObject, let text = service["url"]?.asString,
                let address = try? ServerAddress(parsing: text), let window = service["validFor"]?.asObject,
                let start = window["start"]?.asString.flatMap(UnixTime.init(rfc3339:))
            else { throw .malformed(name) }
            let end = window["end"] ?? .null
            let last = end.asString.flatMap(UnixTime.init(rfc3339:))
            guard end.isNull || last != nil else { throw .malformed(name) }
            guard service["majorApiVersion"]?.asNumber?.int64 == version, start <= now, last.map({ now <= $0 }) ?? true
            else { continue }
            if newest.map({ $0.start < start }) ?? true { newest = (address, start) }
        }
        guard let newest else { throw .none(name) }
        return newest.address
    }
}

extension ServiceList.Fault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let field): "\(field) is missing or cannot be read"
        case .none(let field): "\(field) has no service that is in use and speaks a version that is spoken here"
        }
    }
}

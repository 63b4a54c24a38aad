internal import DER
public import RegistryClient
internal import StrictJSON

/// Which services of an instance of Sigstore to sign with: by its `signing_config.json`, version 0.2.
public struct ServiceList: Sendable {
    public enum Fault: Error, Sendable, Hashable {
        case malformed(String)
        /// Fewer than asked for, or none, are in use and speak a version that we speak.
        case none(String)
    }

    public struct Log: Sendable, Hashable {
        public let address: ServerAddress
        public let version: RekorVersion
    }

    public let certificates: ServerAddress

    /// At least one, all of one version.
    public let logs: [Log]

    /// Empty only where the logs say when something was signed.
    public let timestamps: [ServerAddress]

    public static let bytesMax = 1 << 20

    private static let mediaType = "application/vnd.dev.sigstore.signingconfig.v0.2+json"

    /// Takes what a person names.
    ///
    /// - Parameter timestamps: needed where the log does not date what it takes.
    public init(
        certificates: ServerAddress, log: ServerAddress, _ version: RekorVersion, timestamps: ServerAddress?
    ) {
        self.certificates = certificates
        logs = [Log(address: log, version: version)]
        self.timestamps = timestamps.map { [$0] } ?? []
    }

    /// Takes of each kind the newest version that is spoken here and in use, and of each operator what was put into use
    /// last; then as many as the list says.
    ///
    /// - Parameter now: seconds since 1970.
    public init(parsing bytes: [UInt8], now: Int64) throws(Fault) {
        guard let time = UnixTime(seconds: now),
            let object = ServiceAnswer.object(bytes, bytesMax: Self.bytesMax)
        else { throw .malformed("the document") }
        guard object["mediaType"]?.asString == Self.mediaType else { throw .malformed("mediaType") }

        let authorities = try ListedService.read(object, "caUrls").inUse(at: time, versions: [1])
        guard let authority = authorities.first else { throw .none("caUrls") }
        certificates = authority.address

        let versions = RekorVersion.allCases.map(\.rawValue)
        let listed = try ListedService.read(object, "rekorTlogUrls").inUse(at: time, versions: versions)
        logs = try ServiceSelector(object, "rekorTlogConfig").selection(listed, "rekorTlogUrls")
            .compactMap { service in
                RekorVersion(rawValue: service.version).map { Log(address: service.address, version: $0) }
            }

        let dating = try ListedService.read(object, "tsaUrls").inUse(at: time, versions: [1])
        if dating.isEmpty, logs.allSatisfy(\.version.isDated) {
            timestamps = []
        } else {
            timestamps = try ServiceSelector(object, "tsaConfig").selection(dating, "tsaUrls").map(\.address)
        }
    }
}

extension ServiceList.Fault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let field): "\(field) is missing or cannot be read"
        case .none(let field): "\(field) has too few services that are in use and speak a version that is spoken here"
        }
    }
}

public import DER
public import OCI
public import Sigstore

/// What a bundle about an artifact was found to be, before any rule is asked.
public struct SignatureFact: Sendable, Hashable {
    public enum Finding: Sendable, Hashable {
        /// Signed by somebody, over this artifact or a statement about it.
        case verified(VerifiedSigner)
        /// Not verified. It says nothing, for or against.
        case refused(SignatureRefusal)
    }

    /// SHA-256 of the bundle.
    public var bundle: Digest
    /// The manifest that carries it; `nil` for one that was attached by the model API.
    public var referrer: Digest?
    /// What is stated; `nil` when the artifact itself is signed, or when nothing is verified.
    public var predicateType: String?
    /// Of verified provenance: who built it, and the places it says that it was built from.
    public var builder: String?
    public var sources: [String]
    public var finding: Finding

    public init(
        bundle: Digest, referrer: Digest? = nil, predicateType: String? = nil, builder: String? = nil,
        sources: [String] = [], finding: Finding
    ) {
        self.bundle = bundle
        self.referrer = referrer
        self.predicateType = predicateType
        self.builder = builder
        self.sources = sources
        self.finding = finding
    }
}

/// Who signed, when, and which logs have it.
public struct VerifiedSigner: Sendable, Hashable {
    public enum Name: Sendable, Hashable {
        case identity(String, issuer: String)
        /// SHA-256 of the key's SubjectPublicKeyInfo.
        case key([UInt8])
    }

    public struct LogPlace: Sendable, Hashable {
        public var host: String
        public var index: UInt64
        /// Whether the entry was proved to be there, rather than promised.
        public var isIncluded: Bool

        public init(host: String, index: UInt64, isIncluded: Bool) {
            self.host = host
            self.index = index
            self.isIncluded = isIncluded
        }
    }

    public struct SignedTime: Sendable, Hashable {
        public var time: UnixTime
        /// A log's host, or `timestamp-authority`.
        public var source: String

        public init(time: UnixTime, source: String) {
            self.time = time
            self.source = source
        }
    }

    public var name: Name
    public var times: [SignedTime]
    public var logPlaces: [LogPlace]

    public init(name: Name, times: [SignedTime], logPlaces: [LogPlace]) {
        self.name = name
        self.times = times
        self.logPlaces = logPlaces
    }
}

/// Why a bundle is not verified, by a name that stays.
public struct SignatureRefusal: Sendable, Hashable {
    public var reason: String
    /// Whether something was missing to verify it with: it may be a good one.
    public var isUndecided: Bool

    /// The registry has no trusted root, or it is expired or cannot be read.
    public static let rootUnavailable = SignatureRefusal(reason: "trusted_root_unavailable", isUndecided: true)
    /// There are more bundles than are looked at.
    public static let tooManyBundles = SignatureRefusal(reason: "too_many_bundles", isUndecided: true)
    /// The carrier is not what it says it is.
    public static let unreadable = SignatureRefusal(reason: "bundle_unreadable", isUndecided: true)

    public init(reason: String, isUndecided: Bool) {
        self.reason = reason
        self.isUndecided = isUndecided
    }

    public init(_ reason: FailureReason) {
        self.init(reason: reason.rawValue, isUndecided: reason.isUndecided)
    }
}

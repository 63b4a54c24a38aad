public import LinuxFiles
public import OCI
public import RegistryClient

/// Why a registry, or a copy of its content, did not give or take what it was asked to.
public enum DistributionFault: Error, Sendable {
    /// The registry answered that it will not or cannot.
    case refused(Refusal)
    /// No answer, or none that can be read.
    case transport(ClientFault)
    /// The registry wants to know who asks, and takes nothing that is known.
    case loginRefused(registry: RegistryHost, status: Int, message: String?)
    /// The credential that is configured for the registry cannot be had.
    case credentials(registry: RegistryHost, reason: String)
    /// The bytes are not those that the digest names.
    case wrongBytes(Digest)
    /// There are more bytes, or fewer, than the descriptor says.
    case wrongSize(Digest, expected: UInt64)
    /// What came is no manifest that this client understands.
    case manifest(String, ManifestFault)
    /// What was asked for is not there, in words.
    case absent(String)
    /// Following the answer would not be safe, in words.
    case unsafe(String)
    /// A manifest asks for more than this client does, in words.
    case excessive(String)
    case file(FileFault, path: String)

    /// What a registry says when it refuses (distribution-spec 1.1, "Error Codes").
    public struct Refusal: Sendable, Hashable {
        /// HTTP status.
        public var status: Int
        /// `nil` where the answer says none, or one that the specification does not know.
        public var code: DistributionError.Code?
        /// The registry's own words, if it had any.
        public var message: String?
        /// Seconds after which repeating makes sense, if the registry said so.
        public var retryAfter: UInt64?

        public init(status: Int, code: DistributionError.Code?, message: String?, retryAfter: UInt64? = nil) {
            self.status = status
            self.code = code
            self.message = message
            self.retryAfter = retryAfter
        }
    }

    static func tooLarge(_ blob: Descriptor) -> DistributionFault {
        .excessive("\(blob.digest) is said to have \(blob.size) bytes: more than is moved at once.")
    }

    /// What this means of a registry that answered before.
    var afterContact: DistributionFault {
        guard case .transport(let fault) = self else { return self }
        return .transport(fault.afterContact)
    }

    /// Whether the same request may well work a moment later.
    var isBreak: Bool {
        switch self {
        case .transport(.interrupted), .transport(.lost), .transport(.timedOut): true
        case .refused(let refusal): [408, 429, 500, 502, 503, 504].contains(refusal.status)
        default: false
        }
    }

    var isNotFound: Bool {
        guard case .refused(let refusal) = self else { return false }
        return refusal.status == 404
    }
}

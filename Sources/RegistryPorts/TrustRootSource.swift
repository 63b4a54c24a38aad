public import Sigstore

/// The logs and authorities that signatures are believed through.
public protocol TrustRootSource: Sendable {
    /// As they are now. Called for each decision about something that is signed: what does not change is kept.
    func current() async throws(TrustRootFault) -> KnownTrustRoot
}

/// A trusted root, and which one it is.
public struct KnownTrustRoot: Sendable {
    public var root: TrustedRoot
    /// `sha256:` and the digest of its document.
    public var digest: String

    public init(root: TrustedRoot, digest: String) {
        self.root = root
        self.digest = digest
    }
}

/// Why there is none. Nothing that needs one is verified then.
public enum TrustRootFault: String, Error, Sendable, Hashable {
    case notConfigured = "no trusted root is configured"
    case expired = "the trusted root has expired"
    case unreadable = "the trusted root cannot be read"
}

/// Of a registry that nobody gave a trusted root.
public struct NoTrustRoot: TrustRootSource {
    public init() {}

    public func current() async throws(TrustRootFault) -> KnownTrustRoot { throw .notConfigured }
}

public import DER
public import SignatureKeys

/// What a text has to be.
public enum TextRule: Sendable, Hashable {
    /// Byte for byte.
    case exactly(String)
    /// As a whole.
    case matching(IdentityPattern)
    /// Whatever it is: for a caller who compares what was verified afterwards.
    case anything

    public func allows(_ text: String) -> Bool {
        switch self {
        case .exactly(let expected): expected.utf8.elementsEqual(text.utf8)
        case .matching(let pattern): pattern.matches(text)
        case .anything: true
        }
    }
}

/// Who has to have signed, and what it has to be.
public struct VerificationPolicy: Sendable, Hashable {
    public enum Signer: Sendable, Hashable {
        /// Whoever holds a certificate with this identity, vouched for by this provider.
        case identity(TextRule, issuer: TextRule)
        /// Whoever holds a certificate that the caller's own roots vouch for. Nobody shows such certificates in a log.
        case certificate(CertificateRule)
        /// The holder of this key. Bundles with certificates are refused, whatever key they have.
        case key(VerificationKey)
    }

    /// Which certificates will do that no log has.
    public struct CertificateRule: Sendable, Hashable {
        public var anchors: CertificateAnchors

        /// For one of its alternative names, or for its common name where it has none.
        public var subject: TextRule

        /// Time at which a signature without a timestamp is judged.
        public var now: UnixTime

        public init(anchors: CertificateAnchors, subject: TextRule, now: UnixTime) {
            self.anchors = anchors
            self.subject = subject
            self.now = now
        }
    }

    public var signer: Signer

    /// Signatures with any verified time before this are refused, and those without one.
    public var notBefore: UnixTime?

    /// What a statement has to say about the artifact; signatures over the artifact itself say nothing and are refused.
    public var predicateType: String?

    public init(signer: Signer, notBefore: UnixTime? = nil, predicateType: String? = nil) {
        self.signer = signer
        self.notBefore = notBefore
        self.predicateType = predicateType
    }
}

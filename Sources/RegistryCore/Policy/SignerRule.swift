public import DER
public import SignatureKeys
public import Sigstore

/// Whose signatures count, and from when on.
public struct SignerRule: Sendable, Hashable {
    /// Whoever a certificate has to name, and who has to have vouched for them.
    public struct Identity: Sendable, Hashable {
        public var name: TextRule
        public var issuer: TextRule

        public init(name: TextRule, issuer: TextRule) {
            self.name = name
            self.issuer = issuer
        }
    }

    /// Most keys that one rule names.
    public static let keysMax = 32

    public var identity: Identity?
    /// Whoever holds one of these. They stand in the policy itself, so that its digest covers them.
    public var keys: [VerificationKey]
    /// A signature with any verified time before this is void, and one without a time, too.
    public var notBefore: UnixTime?

    public init(identity: Identity?, keys: [VerificationKey], notBefore: UnixTime? = nil) {
        self.identity = identity
        self.keys = keys
        self.notBefore = notBefore
    }

    /// Why a verified signature does not count.
    ///
    /// - Returns: a reason of Sigstore's list; `nil` when it counts.
    package func objection(to signer: VerifiedSigner) -> FailureReason? {
        switch signer.name {
        case .key(let id):
            guard !keys.isEmpty else { return .certificateExpected }
            guard keys.contains(where: { $0.keyID == id }) else { return .signatureInvalid }
        case .identity(let name, let issuer):
            guard let identity else { return .keyExpected }
            guard identity.issuer.allows(issuer) else { return .issuerMismatch }
            guard identity.name.allows(name) else { return .identityMismatch }
        }
        guard let notBefore else { return nil }
        // The earliest counts: whoever could add another time cannot make a signature younger.
        guard let earliest = signer.times.map(\.time).min() else { return .timeMissing }
        return earliest < notBefore ? .signedBeforeCutoff : nil
    }
}

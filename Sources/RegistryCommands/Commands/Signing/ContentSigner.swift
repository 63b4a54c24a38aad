internal import Attestation
internal import DER
internal import SignatureKeys
internal import Signing
internal import Sigstore
internal import StrictJSON

/// Signs, and hands out only what verifies.
enum ContentSigner: Sendable {
    /// The holder of a key.
    case key(SigningKey)
    /// Whom a token names.
    case keyless(KeylessSigner)

    func bundle(of content: SignableContent, in context: CommandContext) async throws -> SignedBundle {
        switch self {
        case .keyless(let signer): return try await signer.bundle(of: content, in: context)
        case .key(let key):
            let signed = try await content.signed(with: key, in: context)
            let hint = content.isModel ? key.verificationKey.modelSigningHint : key.verificationKey.bundleHint
            let bundle = BundleDraft(signed.content, by: .publicKey(hint: hint)).encoded()
            return try SignedBundle(
                bundle, of: signed.artifact, by: VerificationPolicy(signer: .key(key.verificationKey)), root: .none)
        }
    }

    /// Whether what verifies models knows keys of this kind.
    var signsModels: Bool {
        switch self {
        case .key(let key): key.kind == .p256
        case .keyless: true
        }
    }
}

/// A bundle that our own verification has accepted.
struct SignedBundle: Sendable {
    let bytes: [UInt8]
    private let verified: VerifiedBundle
    private let signer: VerificationPolicy.Signer

    /// - Throws: when our own verification refuses what was made. Nothing of it is written down then.
    init(
        _ bytes: [UInt8], of artifact: Artifact, by policy: VerificationPolicy, root: TrustedRoot
    ) throws(CommandFailure) {
        do throws(VerificationFailure) {
            let read = try UnverifiedBundle(parsing: bytes)
            verified = try BundleVerifier(root: root).verify(read, of: artifact, by: policy)
        } catch {
            throw CommandFailure(.bad, "What was signed does not verify: \(error). Nothing was written.")
        }
        self.bytes = bytes
        signer = policy.signer
    }

    var predicateType: String? { verified.statement?.predicateType }

    /// Who signed, for people.
    var fields: [(String, String?)] {
        if case .key(let key) = signer { return [("Signed by", "key \(Hexadecimal.encode(key.keyID))")] }
        return [
            ("Signed by", verified.identity?.name), ("Vouched for by", verified.identity?.issuer),
            ("Signed at", verified.times.first?.time.description),
            ("In log", verified.logEntries.first.map { "\($0.log.host), entry \($0.logIndex)" }),
        ]
    }

    /// Who signed, for programs.
    var members: [(String, JSONValue?)] {
        if case .key(let key) = signer { return [("key_sha256", .string(Hexadecimal.encode(key.keyID)))] }
        return [
            ("identity", verified.identity.map { .string($0.name) }),
            ("issuer", verified.identity.map { .string($0.issuer) }),
        ]
    }
}

internal import SignatureKeys
internal import Signing
internal import Sigstore
internal import StrictJSON

/// Signs, and hands out only what verifies.
enum ContentSigner: Sendable {
    /// The holder of a key.
    case key(SigningKey)

    /// - Returns: a bundle, which our own verification has accepted.
    func bundle(of content: SignableContent, in context: CommandContext) async throws -> [UInt8] {
        switch self {
        case .key(let key):
            let signed = try await content.signed(with: key, in: context)
            let hint = content.isModel ? key.verificationKey.modelSigningHint : key.verificationKey.bundleHint
            let bundle = BundleDraft(signed.content, by: .publicKey(hint: hint)).encoded()
            return try Self.verified(
                bundle, of: signed.artifact, by: VerificationPolicy(signer: .key(key.verificationKey)), root: .none)
        }
    }

    /// - Throws: when our own verification refuses what was made. Nothing of it is written down then.
    static func verified(
        _ bundle: [UInt8], of artifact: Artifact, by policy: VerificationPolicy, root: TrustedRoot
    ) throws(CommandFailure) -> [UInt8] {
        do throws(VerificationFailure) {
            let read = try UnverifiedBundle(parsing: bundle)
            _ = try BundleVerifier(root: root).verify(read, of: artifact, by: policy)
            return bundle
        } catch {
            throw CommandFailure(
                .bad, "What was signed does not verify: \(error). Nothing was written.")
        }
    }

    /// Whether what verifies models knows keys of this kind.
    var signsModels: Bool {
        switch self {
        case .key(let key): key.kind == .p256
        }
    }

    var fields: [(String, String)] {
        switch self {
        case .key(let key): [("Signed by", "key \(Hexadecimal.encode(key.verificationKey.keyID))")]
        }
    }

    /// For programs.
    var members: [(String, JSONValue?)] {
        switch self {
        case .key(let key): [("key_sha256", .string(Hexadecimal.encode(key.verificationKey.keyID)))]
        }
    }
}

internal import LinuxFiles
internal import OCI
internal import SignatureKeys
internal import Signing
internal import Sigstore

/// What is signed.
enum SignableContent: Sendable {
    /// The file itself.
    case file(LocalFile)
    /// A statement about an artifact with this digest.
    case statement(StatementDraft, about: [UInt8])

    /// Whether what verifies it looks for hints as model signing writes them.
    var isModel: Bool {
        guard case .statement(let draft, _) = self else { return false }
        return draft.predicateType.utf8.elementsEqual(StatementDraft.modelSignatureType.utf8)
    }
}

/// A signature, and what it has to verify over.
struct SignedContent: Sendable {
    let content: BundleDraft.Content
    let artifact: Artifact
}

extension SignableContent {
    func signed(with key: SigningKey, in context: CommandContext) async throws -> SignedContent {
        do {
            switch self {
            case .statement(let draft, let digest):
                let payload = draft.encoded()
                let bytes = BundleDraft.signedBytes(ofStatement: payload)
                return SignedContent(
                    content: .statement(payload: payload, signature: try key.signature(over: bytes)),
                    artifact: Artifact(digests: [.sha256: digest]))
            case .file(let file) where key.kind == .ed25519:
                return try Self.signed(try file.readAll(bytesMax: SignedSubject.keptBytesMax), with: key)
            case .file(let file):
                let digest = try await file.hash(in: context).file.bytes
                return SignedContent(
                    content: .message(sha256: digest, signature: try key.signature(overSHA256: digest)),
                    artifact: Artifact(digests: [.sha256: digest]))
            }
        } catch let fault as SigningFault {
            throw CommandFailure(.software, "It could not be signed: \(fault).")
        }
    }

    /// Ed25519 signs the bytes, so that all of them have to be here.
    private static func signed(_ bytes: [UInt8], with key: SigningKey) throws(SigningFault) -> SignedContent {
        let digest = SignatureKeys.HashAlgorithm.sha256.hash(bytes)
        return SignedContent(
            content: .message(sha256: digest, signature: try key.signature(over: bytes)),
            artifact: Artifact(bytes: bytes))
    }
}

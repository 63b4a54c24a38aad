internal import Crypto
internal import FoundationEssentials
internal import SignatureKeys

/// A private Ed25519 key with the name it signs notes under.
public struct NoteSigner: Sendable {
    /// The public half.
    public let verifier: NoteVerifier

    private let key: Curve25519.Signing.PrivateKey

    public var name: NoteKeyName { verifier.name }
    public var keyID: UInt32 { verifier.keyID }

    /// - Parameter seed: the 32 secret bytes (RFC 8032 section 5.1.5); `nil` for any other length.
    public init?(name: NoteKeyName, seed: [UInt8]) {
        guard seed.count == Self.seedByteCount,
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed),
            let verifier = NoteVerifier(name: name, publicKey: Array(key.publicKey.rawRepresentation))
        else { return nil }
        self.key = key
        self.verifier = verifier
    }

    /// Parses `PRIVATE+KEY+name+8 hexadecimal digits+base64(0x01 ‖ seed)`, the form that the tools of the
    /// Go checksum database use. The identifier must match the key.
    public init?(skey text: String) {
        let fields = text.split(separator: "+", maxSplits: 4, omittingEmptySubsequences: false)
        guard fields.count == 5, text.utf8.starts(with: Self.prefix.utf8) else { return nil }
        guard let name = NoteKeyName(fields[2]), let keyID = Hexadecimal.decodeUInt32(fields[3]) else { return nil }
        guard let blob = Base64.decode(fields[4].utf8), blob.first == NoteVerifier.algorithm else { return nil }
        self.init(name: name, seed: Array(blob.dropFirst()))
        guard self.keyID == keyID else { return nil }
    }

    /// The secret text form. Belongs in a file that nobody else can read.
    public var skey: String {
        let blob = [NoteVerifier.algorithm] + Array(key.rawRepresentation)
        return "\(Self.prefix)\(name)+\(Hexadecimal.encode(keyID))+\(Base64.encode(blob))"
    }

    /// Signs note text, which must end in a newline.
    public func sign(_ text: String) throws(NoteFault) -> NoteSignature {
        guard text.utf8.last == UInt8(ascii: "\n") else { throw .textNotTerminated }
        // A note never is what a signature of an envelope is over, so that neither can pass for the other.
        guard !text.utf8.starts(with: Self.envelopePrefix.utf8) else { throw .signingFailed }
        guard let signature = try? key.signature(for: Array(text.utf8)) else { throw .signingFailed }
        return NoteSignature(name: name, keyID: keyID, signature: Array(signature))
    }

    /// Signs what the signature of an envelope is over (DSSE 1.0, "PAE"), and nothing else.
    ///
    /// - Throws: `.signingFailed` for other bytes.
    public func sign(preAuthenticationEncoding bytes: [UInt8]) throws(NoteFault) -> [UInt8] {
        guard bytes.starts(with: Self.envelopePrefix.utf8), let signature = try? key.signature(for: bytes) else {
            throw .signingFailed
        }
        return Array(signature)
    }

    private static let prefix = "PRIVATE+KEY+"
    private static let envelopePrefix = "DSSEv1 "
    private static let seedByteCount = 32
}

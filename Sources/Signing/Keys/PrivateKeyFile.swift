public import SignatureKeys

/// The text of a private key's file, PEM.
///
/// Keys are written encrypted only. Read are PKCS #8 encrypted by PBES2 (PBKDF2 or scrypt, AES-256-CBC), which openssl
/// reads and writes; PKCS #8 that is not encrypted; and what cosign writes.
public struct PrivateKeyFile: Sendable {
    private enum Content: Sendable {
        case plain(SigningKey)
        case encrypted(PEM)
        case boxed(PEM)
    }

    private let content: Content

    /// Largest file that is read.
    public static let bytesMax = 16 << 10

    public init(parsing text: [UInt8]) throws(SigningFault) {
        guard text.count <= Self.bytesMax, let blocks = PEM.blocks(in: text, max: 1), let block = blocks.first else {
            throw .malformedPEM
        }
        switch block.label {
        case "PRIVATE KEY": content = .plain(try PrivateKeyInfo.read(block.bytes))
        case "ENCRYPTED PRIVATE KEY": content = .encrypted(block)
        case let label where BoxedPrivateKey.labels.contains(label): content = .boxed(block)
        default: throw .malformedPEM
        }
    }

    public var isEncrypted: Bool {
        if case .plain = content { false } else { true }
    }

    /// The key. Deriving what it is encrypted with takes up to seconds of the calling thread, and 256 MiB.
    ///
    /// - Parameter password: counts only where the key is encrypted.
    public func key(password: [UInt8]) throws(SigningFault) -> SigningKey {
        switch content {
        case .plain(let key): return key
        case .encrypted(let block):
            let encrypted = try EncryptedPrivateKey(block.bytes)
            return try encrypted.open(password)
        case .boxed(let block):
            let boxed = try BoxedPrivateKey(block.bytes)
            return try boxed.open(password)
        }
    }

    /// The text of a new file: PKCS #8, AES-256-CBC, PBKDF2 with HMAC-SHA-256 and 600,000 rounds.
    ///
    /// - Parameter password: not empty.
    public static func text(of key: SigningKey, password: [UInt8]) throws(SigningFault) -> [UInt8] {
        PEMText.encode("ENCRYPTED PRIVATE KEY", try EncryptedPrivateKey.seal(key, password))
    }
}

extension VerificationKey {
    /// The key as the text of a PEM file, `PUBLIC KEY`.
    public var pem: [UInt8] { PEMText.encode("PUBLIC KEY", subjectPublicKeyInfo) }
}

package enum PEMText {
    private static let columns = 64

    /// One block, in lines of 64 columns (RFC 7468 section 3).
    package static func encode(_ label: String, _ bytes: [UInt8]) -> [UInt8] {
        let body = Array(Base64.encode(bytes).utf8)
        var text = Array("-----BEGIN \(label)-----\n".utf8)
        for start in stride(from: 0, to: body.count, by: columns) {
            text.append(contentsOf: body[start..<min(start + columns, body.count)])
            text.append(0x0A)
        }
        text.append(contentsOf: "-----END \(label)-----\n".utf8)
        return text
    }
}

import Crypto
public import FoundationEssentials

/// A public key as OpenSSH writes it (RFC 8709 §4): what Ollama shows as its key, and what `ssh-keygen` makes.
public struct Ed25519PublicKey: Sendable, Hashable, CustomStringConvertible {
    /// The 32 bytes of RFC 8032.
    public let rawBytes: [UInt8]

    private static let algorithm = Array("ssh-ed25519".utf8)

    /// - Parameter line: `ssh-ed25519 AAAA… comment`, the comment being free.
    /// - Returns: `nil` for a key of another algorithm, options before it, or what is no point of the curve.
    public init?(line: String) {
        let parts = line.split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[0] == "ssh-ed25519" else { return nil }
        self.init(base64: parts[1])
    }

    /// - Parameter text: the middle part of such a line.
    public init?(base64 text: Substring) {
        guard text.utf8.count <= 128, let blob = Data(base64Encoded: String(text)) else { return nil }
        // Two strings, each behind its length: the algorithm and the key (RFC 4253 §6.6).
        let prefix = [0, 0, 0, UInt8(Self.algorithm.count)] + Self.algorithm + [0, 0, 0, 32]
        guard blob.starts(with: prefix), blob.count == prefix.count + 32 else { return nil }
        let raw = Array(blob.dropFirst(prefix.count))
        guard (try? Curve25519.Signing.PublicKey(rawRepresentation: raw)) != nil else { return nil }
        rawBytes = raw
    }

    /// Whether the holder of the private key signed these bytes (RFC 8032 §5.1.7).
    public func isValid(signature: some DataProtocol, over bytes: some DataProtocol) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: rawBytes) else { return false }
        return key.isValidSignature(signature, for: bytes)
    }

    /// The line without a comment.
    public var description: String {
        let prefix = [0, 0, 0, UInt8(Self.algorithm.count)] + Self.algorithm + [0, 0, 0, 32]
        return "ssh-ed25519 " + Data(prefix + rawBytes).base64EncodedString()
    }
}

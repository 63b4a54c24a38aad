import struct Crypto.SHA256
public import OCI

extension Digest {
    /// The SHA-256 of bytes in memory.
    public init(hashing bytes: [UInt8]) throws(DigestFault) {
        try self.init(sha256: Array(SHA256.hash(data: bytes)))
    }
}

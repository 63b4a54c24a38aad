import struct Crypto.SHA256
import struct Crypto.SHA512
public import OCI

extension Digest {
    /// The digest of bytes in memory.
    public init(_ algorithm: Algorithm = .sha256, hashing bytes: [UInt8]) throws(DigestFault) {
        switch algorithm {
        case .sha256: try self.init(sha256: Array(SHA256.hash(data: bytes)))
        case .sha512: try self.init(sha512: Array(SHA512.hash(data: bytes)))
        }
    }
}

import struct Crypto.SHA256
import OCI

extension Digest {
    /// The SHA-256 of a document that is in memory.
    init(hashing document: [UInt8]) throws(DigestFault) {
        try self.init(sha256: Array(SHA256.hash(data: document)))
    }
}

import Crypto
import ModelFormats
import OCI

/// What a service computes while it hashes a file, over bytes in memory.
struct TensorDigests {
    let file: OCI.Digest
    let tensors: [OCI.Digest]

    init(_ bytes: [UInt8], table: TensorTable) throws {
        func digest(_ part: some Collection<UInt8>) throws -> OCI.Digest {
            try OCI.Digest(sha256: Array(SHA256.hash(data: Array(part))))
        }
        file = try digest(bytes)
        tensors = try table.ranges.map { try digest(bytes[Int($0.lowerBound)..<Int($0.upperBound)]) }
    }
}

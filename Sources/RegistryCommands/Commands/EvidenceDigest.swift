internal import struct Crypto.SHA256
internal import FoundationEssentials
internal import OCI

/// The digest by which a document of evidence was asked for.
struct EvidenceDigest: Sendable {
    private let digest: Digest

    var text: String { digest.description }

    init(_ text: String) throws(CommandFailure) {
        do {
            digest = try Digest(parsing: text)
        } catch {
            throw CommandFailure(.usage, "--digest is sha256: and 64 lower-case hexadecimal digits.")
        }
    }

    func matches(_ bytes: [UInt8]) -> Bool {
        Array(SHA256.hash(data: bytes)) == digest.bytes
    }
}

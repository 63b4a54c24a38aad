import Crypto

/// What files are hashed with.
public enum HashAlgorithm: Sendable, Hashable, CaseIterable {
    case sha256
    case sha512
}

/// The hash of bytes that come one piece after another.
///
/// A copy goes on by itself: a stream that stops can be taken up later without reading what it had.
public struct RunningHash: Sendable {
    // Two optionals and not one enum with a payload: the state of a hash is updated in place, never copied for it.
    private var sha256: SHA256?
    private var sha512: SHA512?

    public init(_ algorithm: HashAlgorithm) {
        switch algorithm {
        case .sha256: sha256 = SHA256()
        case .sha512: sha512 = SHA512()
        }
    }

    public var algorithm: HashAlgorithm { sha256 == nil ? .sha512 : .sha256 }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        sha256?.update(bufferPointer: bytes)
        sha512?.update(bufferPointer: bytes)
    }

    public mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// The digest of what came so far: 32 or 64 bytes.
    public func digest() -> [UInt8] {
        if let sha256 { return Array(sha256.finalize()) }
        return sha512.map { Array($0.finalize()) } ?? []
    }
}

internal import SignatureKeys

/// A node of the log's Merkle tree: one SHA-256 value, 32 bytes.
///
/// Four machine words instead of an array: no allocation, cheap to copy, compare and keep by the million.
/// The words hold the bytes in memory order; their numeric value means nothing.
public struct LogHash: Sendable, Hashable, BitwiseCopyable {
    private var word0: UInt64
    private var word1: UInt64
    private var word2: UInt64
    private var word3: UInt64

    /// Length of a hash in bytes.
    public static let byteCount = 32

    /// Takes exactly 32 bytes; any other length gives `nil`.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount == Self.byteCount else { return nil }
        self = bytes.unsafeLoadUnaligned(as: LogHash.self)
    }

    /// Takes exactly 32 bytes; any other length gives `nil`.
    public init?(_ bytes: [UInt8]) {
        self.init(bytes.span.bytes)
    }

    /// Reads standard base64 (RFC 4648 section 4) of exactly 32 bytes, as in checkpoints and proofs.
    public init?(base64 text: some StringProtocol) {
        guard text.utf8.count == Self.base64Count, let bytes = Base64.decode(text.utf8) else { return nil }
        self.init(bytes)
    }

    /// The 32 bytes.
    public var bytes: [UInt8] {
        withUnsafeBytes(of: self) { Array($0) }
    }

    /// Standard base64, 44 characters.
    public var base64: String {
        Base64.encode(bytes)
    }

    private static let base64Count = 44
}

extension LogHash: CustomStringConvertible {
    /// Lower-case hexadecimal, 64 characters.
    public var description: String {
        Hexadecimal.encode(bytes)
    }
}

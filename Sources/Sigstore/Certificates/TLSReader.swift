/// A cursor over the presentation language of TLS (RFC 8446 section 3), which certificate logs sign in.
///
/// Everything is `nil` past the end, and nothing is read then.
struct TLSReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    /// A big-endian number of at most eight bytes.
    mutating func number(bytes count: Int) -> UInt64? {
        bytes(count).map { $0.reduce(0) { $0 << 8 | UInt64($1) } }
    }

    /// Bytes behind a length of two bytes.
    mutating func vector16() -> ArraySlice<UInt8>? {
        number(bytes: 2).flatMap { bytes(Int($0)) }
    }
}

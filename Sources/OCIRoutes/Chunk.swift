import HTTPTypes
import Hummingbird
import RegistryCore
import StrictJSON

/// Which bytes a request brings, as far as it says so.
struct Chunk {
    /// Where the first one goes.
    var offset: UInt64?
    var count: UInt64?
    /// How long the whole upload will be: then it is a part, which may come in any order.
    var total: UInt64?

    /// - Throws: `.invalidField` for a `Content-Range` that is not written `a-b`, or `bytes a-b/length` for a part (RFC
    ///   9110 §14.5); `.sizeMismatch` when the body is announced to be longer or shorter.
    init(_ request: Request) throws(RegistryError) {
        count = OCIRoutes.announced(request)
        guard let field = request.headers[.contentRange] else { return }
        var range = field[...]
        if field.hasPrefix("bytes "), let slash = field.firstIndex(of: "/") {
            range = field[..<slash].dropFirst("bytes ".count)
            total = Self.number(field[field.index(after: slash)...].utf8)
            guard total != nil else { throw Self.unreadable }
        }
        let bounds = range.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard bounds.count == 2, let first = Self.number(bounds[0]), let last = Self.number(bounds[1]), first <= last,
            last < total ?? .max
        else { throw Self.unreadable }
        let length = last - first + 1
        if let count, count != length { throw Self.mismatch(count) }
        (offset, count) = (first, length)
    }

    private static let unreadable = RegistryError(
        .invalidField, "Content-Range has to be the first and the last byte, as in 0-1023, or in bytes 0-1023/4096.",
        detail: ["field": "Content-Range"])

    static let partAtTheEnd = RegistryError(
        .invalidField, "Parts are sent by PATCH; PUT ends an upload of parts without bytes.",
        detail: ["field": "Content-Range"])

    /// Makes it begin behind the bytes that are here, as far as it has them.
    ///
    /// - Returns: how many bytes come before it now. The digest at the end speaks for them, as it does for all others.
    mutating func leaveOut(upTo present: UInt64) -> UInt64 {
        guard let first = offset, let count, first < present else { return 0 }
        let repeated = min(present - first, count)
        // One that is here whole leaves the upload where it stands.
        self = Chunk(offset: repeated == count ? present : first + repeated, count: count - repeated)
        return repeated
    }

    private init(offset: UInt64, count: UInt64) {
        (self.offset, self.count) = (offset, count)
    }

    static func mismatch(_ count: UInt64) -> RegistryError {
        RegistryError(
            .sizeMismatch, "Content-Range announced other bytes than the body has.",
            detail: ["received": .integer(count)])
    }

    /// Digits alone: no sign, and no space.
    private static func number(_ text: Substring.UTF8View) -> UInt64? {
        guard text.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return UInt64(Substring(text))
    }
}

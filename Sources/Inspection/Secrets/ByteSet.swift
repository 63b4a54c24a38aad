/// A set of bytes.
struct ByteSet: Sendable, Hashable {
    private var first: UInt64 = 0
    private var second: UInt64 = 0

    /// - Parameter members: ASCII; `a-z` stands for all from a to z.
    init(_ members: String) {
        let bytes = Array(members.utf8)
        var index = 0
        while index < bytes.count {
            if index + 2 < bytes.count, bytes[index + 1] == UInt8(ascii: "-") {
                for byte in bytes[index]...bytes[index + 2] { insert(byte) }
                index += 3
            } else {
                insert(bytes[index])
                index += 1
            }
        }
    }

    private mutating func insert(_ byte: UInt8) {
        if byte < 64 { first |= 1 << UInt64(byte) } else if byte < 128 { second |= 1 << UInt64(byte - 64) }
    }

    func contains(_ byte: UInt8) -> Bool {
        if byte < 64 { return first >> UInt64(byte) & 1 == 1 }
        return byte < 128 && second >> UInt64(byte - 64) & 1 == 1
    }

    static let digits = ByteSet("0-9")
    static let hexadecimal = ByteSet("0-9a-f")
    static let letters = ByteSet("A-Za-z")
    static let alphanumeric = ByteSet("A-Za-z0-9")
    /// What names in programs are made of.
    static let identifier = ByteSet("A-Za-z0-9_")
    static let base64 = ByteSet("A-Za-z0-9+/")
    /// RFC 4648, section 5.
    static let base64URL = ByteSet("A-Za-z0-9_-")
    static let base32 = ByteSet("A-Z2-7")
}

/// A piece of a text in which a secret is looked for.
struct SecretWindow {
    let bytes: [UInt8]

    /// What JSON writes white space as, behind a backslash.
    private static let escapes = ByteSet("nrt")

    func byte(_ index: Int) -> UInt8? { bytes.indices.contains(index) ? bytes[index] : nil }

    /// Whether the bytes there are these.
    func has(_ text: [UInt8], at index: Int) -> Bool {
        index >= 0 && text.count <= bytes.count - min(index, bytes.count) && bytes[index...].starts(with: text)
    }

    /// Where the run of bytes of a set ends that begins there, at most `countMax` bytes further.
    func end(of set: ByteSet, from index: Int, countMax: Int) -> Int {
        var end = index
        while end < bytes.count, end - index < countMax, set.contains(bytes[end]) { end += 1 }
        return end
    }

    /// Whether a word may begin there: before it is no part of a word, or an escape of JSON (`\n`).
    func beginsWord(at index: Int) -> Bool {
        guard let before = byte(index - 1) else { return true }
        guard ByteSet.identifier.contains(before) || before == UInt8(ascii: "-") else { return true }
        return Self.escapes.contains(before) && byte(index - 2) == UInt8(ascii: "\\")
    }

    func skip(_ set: ByteSet, from index: Int, countMax: Int = 8) -> Int {
        end(of: set, from: index, countMax: countMax)
    }
}

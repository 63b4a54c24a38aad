/// A piece of a text in which a secret is looked for.
struct SecretWindow {
    let bytes: [UInt8]
    let meter: SecretMeter

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
        meter.count(read: max(0, end - index))
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

/// What looking for secrets took, and how much it may take.
///
/// Keywords can stand so close that each begins what the next one is in: then every byte is read hundreds of times.
final class SecretMeter {
    /// In units of about a nanosecond, as all work is counted.
    private(set) var work: UInt64 = 0
    private let workMax: UInt64

    /// What a keyword takes, a byte behind it that is read, and one that is compared with what people write there.
    private static let workPerKeyword: UInt64 = 80
    private static let workPerByteRead: UInt64 = 1
    private static let workPerByteJudged: UInt64 = 40

    init(workMax: UInt64 = .max) {
        self.workMax = workMax
    }

    var isExhausted: Bool { work >= workMax }

    func countKeyword() { work += Self.workPerKeyword }

    func count(read bytes: Int) { work += UInt64(bytes) * Self.workPerByteRead }

    func count(judged bytes: Int) { work += UInt64(bytes) * Self.workPerByteJudged }
}

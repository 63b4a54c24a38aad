/// Tells what was drawn by chance from what people write where a secret should be.
enum SecretQuality {
    private static let words = [
        "example", "sample", "dummy", "placeholder", "changeme", "change_me", "replace", "insert", "redacted", "your",
        "xxxx", "test", "fake", "secret", "password", "passwd", "token", "apikey", "api_key", "api-key", "undefined",
        "null", "none", "default", "foobar", "todo", "here", "mykey", "my_key", "my-key", "string", "value", "....",
        "****", "____", "----", "qwerty", "deadbeef",
    ].map { Array($0.utf8) }

    /// Bits by which a byte surprises who knows how often each occurs (Shannon).
    static func entropy(_ bytes: some Collection<UInt8>) -> Double {
        var counts = [Int](repeating: 0, count: 256)
        for byte in bytes { counts[Int(byte)] += 1 }
        let total = Double(bytes.count)
        return counts.reduce(0) { sum, count in
            guard count > 0 else { return sum }
            let share = Double(count) / total
            return sum - share * log2(share)
        }
    }

    /// By squaring: each square that reaches two gives one more bit.
    private static func log2(_ number: Double) -> Double {
        var result = Double(number.exponent)
        var rest = number.significand
        var bit = 0.5
        for _ in 0..<20 {
            rest *= rest
            if rest >= 2 {
                result += bit
                rest /= 2
            }
            bit /= 2
        }
        return result
    }

    /// Whether the text is one that stands for a secret: a word that says so, one character again and again, or the
    /// beginning of the alphabet.
    static func isPlaceholder(_ bytes: some Collection<UInt8>) -> Bool {
        let text = bytes.map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 | 0x20 : $0 }
        if hasRun(text) { return true }
        return words.contains { word in
            text.count >= word.count
                && (0...(text.count - word.count)).contains { start in
                    text[start] == word[0] && text[start...].starts(with: word)
                }
        }
    }

    /// Five times the same, or seven in order.
    private static func hasRun(_ text: [UInt8]) -> Bool {
        var same = 1
        var ascending = 1
        for (before, byte) in zip(text, text.dropFirst()) {
            same = byte == before ? same + 1 : 1
            ascending = byte == before &+ 1 ? ascending + 1 : 1
            if same >= 5 || ascending >= 7 { return true }
        }
        return false
    }

    /// The last six characters of tokens of GitHub and npm: CRC-32 of the thirty before them, in base 62.
    static func checksum(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var sum: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum >> 1 ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        var rest = ~sum
        let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        return (0..<6).map { _ in
            defer { rest /= 62 }
            return digits[Int(rest % 62)]
        }.reversed()
    }
}

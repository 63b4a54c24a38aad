/// Recognises signed JSON Web Tokens (RFC 7519), and what else is told by a character in its middle.
enum WebTokenMatcher {
    static let keyword = "eyj"
    private static let dot = UInt8(ascii: ".")

    static func match(_ window: SecretWindow, last: Int) -> SecretMatch? {
        let start = last + 1 - keyword.utf8.count
        guard window.has(Array("eyJ".utf8), at: start), window.beginsWord(at: start) else { return nil }
        let headEnd = window.end(of: .base64URL, from: start, countMax: 500)
        guard window.byte(headEnd) == dot, window.has(Array("eyJ".utf8), at: headEnd + 1) else { return nil }
        let bodyEnd = window.end(of: .base64URL, from: headEnd + 1, countMax: 1_500)
        guard window.byte(bodyEnd) == dot else { return nil }
        let end = window.end(of: .base64URL, from: bodyEnd + 1, countMax: 700)
        window.meter.count(judged: bodyEnd - start)
        // Without a signature it opens nothing.
        guard end - bodyEnd > 20, let head = decode(window.bytes[start..<headEnd]),
            let body = decode(window.bytes[(headEnd + 1)..<bodyEnd]), CodeInText.contains(head, Array("\"alg\"".utf8)),
            !isExample(body)
        else { return nil }
        return SecretMatch(kind: .token, name: "JSON Web Token", prefix: "eyJ", range: start..<end)
    }

    /// The people and numbers of documents about such tokens.
    private static func isExample(_ body: [UInt8]) -> Bool {
        ["1234567890", "John Doe", "example"].contains { CodeInText.contains(body, Array($0.utf8)) }
    }

    static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in text {
            guard let value = value(byte) else { return nil }
            bits = bits << 6 | value
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
        return bytes
    }

    private static func value(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte) - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte) - 71
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte) + 4
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }
}

/// Bot tokens of Telegram: a number, `:AA` and 33 characters.
enum TelegramMatcher {
    static let keyword = ":aa"

    static func match(_ window: SecretWindow, last: Int) -> SecretMatch? {
        let colon = last - 2
        guard window.has(Array(":AA".utf8), at: colon) else { return nil }
        var start = colon
        while start > 0, colon - start < 11, ByteSet.digits.contains(window.bytes[start - 1]) { start -= 1 }
        let end = window.end(of: .base64URL, from: last + 1, countMax: 34)
        window.meter.count(judged: end - last)
        guard (8...10).contains(colon - start), window.beginsWord(at: start), end - last - 1 == 33,
            SecretQuality.entropy(window.bytes[colon..<end]) > 3.8,
            !SecretQuality.isPlaceholder(window.bytes[(last + 1)..<end])
        else { return nil }
        return SecretMatch(kind: .token, name: "Telegram token", prefix: "", range: start..<end)
    }
}

/// Client secrets of Microsoft Entra: three characters, a digit, `Q~` and more.
enum EntraMatcher {
    static let keyword = "q~"
    private static let alphabet = ByteSet("A-Za-z0-9_~.-")

    static func match(_ window: SecretWindow, last: Int) -> SecretMatch? {
        let start = last - 5
        guard start >= 0, window.has(Array("Q~".utf8), at: last - 1), ByteSet.digits.contains(window.bytes[last - 2]),
            window.bytes[start..<(last - 2)].allSatisfy(alphabet.contains), window.beginsWord(at: start)
        else { return nil }
        let end = window.end(of: alphabet, from: last + 1, countMax: 35)
        let text = window.bytes[(last + 1)..<end]
        window.meter.count(judged: text.count)
        guard (31...34).contains(text.count), SecretQuality.entropy(text) > 3.8, !SecretQuality.isPlaceholder(text)
        else {
            return nil
        }
        return SecretMatch(kind: .token, name: "Microsoft client secret", prefix: "", range: start..<end)
    }
}

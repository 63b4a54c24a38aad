/// Recognises private keys in PEM and its relatives by their first lines.
enum PrivateKeyMatcher {
    static let keywords = ["private key-----", "private key block-----", "putty-user-key-file-"]
    private static let labelBytesMax = 24
    private static let bodyBytesMin = 60
    /// How much of a key is looked at.
    private static let headBytesMax = 600

    /// - Parameter last: the last byte of the keyword.
    static func match(_ window: SecretWindow, keyword: Int, last: Int) -> SecretMatch? {
        if keyword == 2 { return putty(window, last) }
        let word = keywords[keyword].utf8.count
        guard let start = begin(window, before: last + 1 - word) else { return nil }
        let label = window.bytes[start...last]
        var body: [UInt8] = []
        var text: [UInt8] = []
        let content = content(window, from: last + 1)
        window.meter.count(judged: content.count)
        for line in lines(content) {
            if line.contains(UInt8(ascii: ":")) { text += line } else { body += line }
        }
        guard body.count >= bodyBytesMin, body.allSatisfy({ ByteSet.base64.contains($0) || $0 == UInt8(ascii: "=") }),
            SecretQuality.entropy(body) > 4
        else { return nil }
        let isEncrypted = contains(Array(label), "ENCRYPTED") || contains(text, "ENCRYPTED") || isSealed(body)
        return SecretMatch(
            kind: isEncrypted ? .encryptedKey : .privateKey,
            name: isEncrypted ? "encrypted private key" : "private key",
            prefix: String(decoding: label, as: UTF8.self), range: start..<content.endIndex)
    }

    /// Where `-----BEGIN ` stands, before a word like RSA.
    private static func begin(_ window: SecretWindow, before end: Int) -> Int? {
        let mark = Array("-----BEGIN ".utf8)
        for start in stride(from: end - mark.count, through: end - mark.count - labelBytesMax, by: -1) {
            guard start >= 0 else { return nil }
            if window.has(mark, at: start) { return start }
        }
        return nil
    }

    /// What follows, up to the next dashes.
    private static func content(_ window: SecretWindow, from start: Int) -> ArraySlice<UInt8> {
        let head = window.bytes[start...].prefix(headBytesMax)
        let dashes = Array("-----".utf8)
        let end = head.indices.first { head[$0] == dashes[0] && head[$0...].starts(with: dashes) }
        return head[..<(end ?? head.endIndex)]
    }

    /// Lines, also where a text of JSON or of a program writes `\n`. White space around them goes.
    private static func lines(_ text: ArraySlice<UInt8>) -> [[UInt8]] {
        var lines: [[UInt8]] = [[]]
        var isEscape = false
        for byte in text {
            switch byte {
            case UInt8(ascii: "n") where isEscape, UInt8(ascii: "r") where isEscape, 0x0A: lines.append([])
            case UInt8(ascii: "\\"):
                isEscape = true
                continue
            case 0x20, 0x09, 0x0D, UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: ","): break
            default: lines[lines.count - 1].append(byte)
            }
            isEscape = false
        }
        return lines
    }

    private static func contains(_ text: [UInt8], _ word: String) -> Bool {
        CodeInText.contains(text, Array(word.utf8))
    }

    /// Whether an OpenSSH key (`PROTOCOL.key`) names a cipher other than `none`. Its first bytes are always the same,
    /// so that the cipher can be read from the base64 itself.
    private static func isSealed(_ body: [UInt8]) -> Bool {
        let magic = Array("b3BlbnNzaC1rZXktdjEA".utf8)
        guard body.starts(with: magic) else { return false }
        return !body.dropFirst(magic.count).starts(with: "AAAABG5vbmU".utf8)
    }

    private static func putty(_ window: SecretWindow, _ last: Int) -> SecretMatch? {
        let head = Array(window.bytes[(last + 1)...].prefix(headBytesMax))
        window.meter.count(judged: head.count)
        guard contains(head, "Encryption:"), contains(head, "Public-Lines:") else { return nil }
        let isEncrypted = !contains(head, "Encryption: none")
        return SecretMatch(
            kind: isEncrypted ? .encryptedKey : .privateKey,
            name: isEncrypted ? "encrypted private key" : "private key", prefix: "PuTTY-User-Key-File-",
            range: (last + 1 - keywords[2].utf8.count)..<(last + 1))
    }
}

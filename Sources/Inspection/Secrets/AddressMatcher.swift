/// Recognises passwords in addresses: `scheme://user:password@host`.
enum AddressMatcher {
    static let keyword = "://"
    private static let stop = ByteSet(" \t\r\n\"'`<>\\/@?#:,;|")
    private static let passwordStop = ByteSet(" \t\r\n\"'`<>\\/@?#,;|{}$*()[]")
    private static let schemeAlphabet = ByteSet("A-Za-z0-9+")
    private static let hostAlphabet = ByteSet("A-Za-z0-9._-")
    private static let countMax = 100

    static func match(_ window: SecretWindow, last: Int) -> SecretMatch? {
        let schemeEnd = last + 1 - keyword.utf8.count
        var scheme = schemeEnd
        while scheme > 0, schemeEnd - scheme < 16, schemeAlphabet.contains(window.bytes[scheme - 1]) {
            scheme -= 1
        }
        let userEnd = run(window, from: last + 1, to: stop)
        guard scheme < schemeEnd, window.byte(userEnd) == UInt8(ascii: ":") else { return nil }
        let start = userEnd + 1
        let end = run(window, from: start, to: passwordStop)
        guard window.byte(end) == UInt8(ascii: "@") else { return nil }
        window.meter.count(judged: end - start)
        guard isSecret(window.bytes[start..<end], window.bytes[(last + 1)..<userEnd]),
            isHost(window, from: end + 1)
        else { return nil }
        return SecretMatch(
            kind: .urlPassword, name: "password in an address",
            prefix: String(decoding: window.bytes[scheme...last], as: UTF8.self), range: start..<end)
    }

    private static func run(_ window: SecretWindow, from start: Int, to stop: ByteSet) -> Int {
        var end = start
        while let byte = window.byte(end), end - start < countMax, byte > 0x20, byte < 0x7F, !stop.contains(byte) {
            end += 1
        }
        window.meter.count(read: end - start)
        return end
    }

    /// Whether it is more than what examples have there.
    private static func isSecret(_ password: ArraySlice<UInt8>, _ user: ArraySlice<UInt8>) -> Bool {
        guard password.count >= 6, !password.elementsEqual(user), !SecretQuality.isPlaceholder(password) else {
            return false
        }
        let weak = ["passwort", "postgres", "rabbitmq", "minioadmin", "%s", "admin", "guest", "pass", "user", "root"]
        let text = String(decoding: password, as: UTF8.self).lowercased()
        return !weak.contains(where: text.hasPrefix) && SecretQuality.entropy(password) >= 2.2
    }

    /// Whether a machine elsewhere is named.
    private static func isHost(_ window: SecretWindow, from start: Int) -> Bool {
        let end = window.end(of: hostAlphabet, from: start, countMax: 255)
        let host = String(decoding: window.bytes[start..<end], as: UTF8.self).lowercased()
        guard host.utf8.count > 1, host.contains("."), !host.contains("example") else { return false }
        return !host.hasPrefix("127.") && !host.hasPrefix("0.0.0.0")
    }
}

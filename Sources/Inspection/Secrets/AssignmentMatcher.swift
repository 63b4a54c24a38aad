/// Recognises values that are given to names which say that they are secret, by how far they are from words.
enum AssignmentMatcher {
    /// What the name has in it, and how its value is judged.
    static let keywords: [(word: String, judge: Judge)] = [
        ("secret_access_key", .awsSecret), ("secretaccesskey", .awsSecret),
        ("api_key", .key), ("apikey", .key), ("api-key", .key), ("secret_key", .key), ("secretkey", .key),
        ("access_token", .key), ("accesstoken", .key), ("auth_token", .key), ("authtoken", .key),
        ("client_secret", .key), ("clientsecret", .key), ("private_token", .key), ("app_secret", .key),
        ("hf_token", .key), ("password", .password), ("passwd", .password), ("accountkey", .azureAccount),
        ("sharedaccesskey", .azureAccount),
    ]

    enum Judge: Sendable {
        case key
        case password
        case awsSecret
        case azureAccount
    }

    private static let nameRestMax = 24
    private static let valueBytesMax = 200
    private static let space = ByteSet(" \t")
    private static let keyAlphabet = ByteSet("A-Za-z0-9_+/=-")

    static func match(_ window: SecretWindow, keyword: Int, last: Int) -> SecretMatch? {
        let (word, judge) = keywords[keyword]
        let start = last + 1 - word.utf8.count
        guard let value = value(window, from: last + 1, start: start, judge) else { return nil }
        let text = window.bytes[value]
        window.meter.count(judged: text.count)
        guard isSecret(text, judge), !SecretQuality.isPlaceholder(text) else { return nil }
        return SecretMatch(
            kind: judge == .awsSecret || judge == .azureAccount ? .token : .assignment, name: name(judge, word),
            prefix: "", range: value)
    }

    private static func name(_ judge: Judge, _ word: String) -> String {
        switch judge {
        case .awsSecret: "AWS secret key"
        case .azureAccount: "Azure key"
        case .key, .password: "value of \(word)"
        }
    }

    /// The value that the name is given; `nil` if it is given none that could be a secret.
    private static func value(
        _ window: SecretWindow, from end: Int, start: Int, _ judge: Judge
    ) -> Range<Int>? {
        let nameEnd = window.end(of: ByteSet.base64URL, from: end, countMax: nameRestMax)
        var index = skipQuote(window, nameEnd)
        index = window.skip(space, from: window.byte(index) == UInt8(ascii: "]") ? index + 1 : index)
        guard let separator = window.byte(index), [UInt8(ascii: "="), UInt8(ascii: ":")].contains(separator) else {
            return nil
        }
        index += 1
        if let next = window.byte(index), next == UInt8(ascii: "=") || next == UInt8(ascii: ">") {
            // A comparison gives nothing.
            guard !(separator == UInt8(ascii: "=") && next == UInt8(ascii: "=")) else { return nil }
            index += 1
        }
        index = window.skip(space, from: index)
        let quoted = skipQuote(window, index)
        if quoted > index { return self.quoted(window, from: quoted, quote: window.bytes[quoted - 1]) }
        // Without quotes it is an expression, but for files of settings, whose names are in capitals.
        let name = window.bytes[start..<nameEnd]
        let isSetting = separator == UInt8(ascii: "=") && !name.contains { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 }
        guard isSetting || judge == .awsSecret || judge == .azureAccount else { return nil }
        let valueEnd = window.end(of: keyAlphabet, from: index, countMax: valueBytesMax)
        return index < valueEnd ? index..<valueEnd : nil
    }

    /// Behind a quote, which may be escaped; the same place if there is none.
    private static func skipQuote(_ window: SecretWindow, _ index: Int) -> Int {
        let next = window.byte(index) == UInt8(ascii: "\\") ? index + 1 : index
        guard let quote = window.byte(next), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            return index
        }
        return next + 1
    }

    private static func quoted(_ window: SecretWindow, from start: Int, quote: UInt8) -> Range<Int>? {
        var end = start
        while let byte = window.byte(end), end - start <= valueBytesMax {
            if byte == quote || byte == UInt8(ascii: "\\") { return start..<end }
            guard byte > 0x20, byte < 0x7F else { return nil }
            end += 1
        }
        return nil
    }

    private static func isSecret(_ value: ArraySlice<UInt8>, _ judge: Judge) -> Bool {
        switch judge {
        case .awsSecret:
            value.count == 40 && value.allSatisfy(ByteSet.base64.contains) && SecretQuality.entropy(value) > 4
        case .azureAccount: isAccountKey(value)
        case .key: isKey(value)
        case .password: isPassword(value)
        }
    }

    /// 64 or 32 bytes in base64, to the end of its padding.
    private static func isAccountKey(_ value: ArraySlice<UInt8>) -> Bool {
        let text = value.prefix { ByteSet.base64.contains($0) || $0 == UInt8(ascii: "=") }
        let isWhole =
            text.count == 88 && text.suffix(2).elementsEqual("==".utf8) || text.count == 44 && text.last == 0x3D
        return isWhole && SecretQuality.entropy(text) > 4
    }

    /// Letters of both cases and digits, or nothing but hexadecimal digits, as no word has them.
    private static func isKey(_ value: ArraySlice<UInt8>) -> Bool {
        guard value.count >= 20, value.allSatisfy(keyAlphabet.contains) else { return false }
        if value.allSatisfy(ByteSet.hexadecimal.contains) {
            return value.count >= 32 && SecretQuality.entropy(value) > 3
        }
        return isMixed(value) && SecretQuality.entropy(value) > 3.7
    }

    private static func isPassword(_ value: ArraySlice<UInt8>) -> Bool {
        guard (10...64).contains(value.count), isMixed(value), SecretQuality.entropy(value) > 3 else { return false }
        // An expression, or what a program puts in later.
        return !value.contains { expression.contains($0) }
    }

    private static let expression = ByteSet("{}<>()[]$")

    private static func isMixed(_ value: ArraySlice<UInt8>) -> Bool {
        value.contains { ByteSet.digits.contains($0) } && value.contains { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 }
            && value.contains { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 }
    }
}

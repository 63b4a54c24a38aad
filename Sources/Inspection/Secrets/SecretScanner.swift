import ModelFormats

/// Looks for credentials in a text of any size, window by window.
///
/// Keywords come first: where none stands nothing else is done. What follows a keyword is compared with the form of
/// that kind of credential, and at last with what chance would draw.
enum SecretScanner {
    /// A match and where it begins in the source.
    struct Found: Sendable, Hashable {
        let match: SecretMatch
        let offset: UInt64
        /// From 1.
        var line = 0
    }

    struct Result: Sendable {
        var found: [Found] = []
        var dropped = 0
        /// Where the search ended, if it took too long.
        var unreadOffset: UInt64?
    }

    private enum Kind: Sendable {
        case token(Int)
        case privateKey(Int)
        case assignment(Int)
        case address
        case webToken
        case telegram
        case entra
    }

    private static let windowBytes = 256 << 10
    /// What a match may need before and behind its keyword.
    private static let behindBytes = 512
    private static let aheadBytes = 4_096

    private static let kinds: [(keyword: String, kind: Kind)] =
        SecretToken.all.indices.map { (String(decoding: SecretToken.all[$0].prefix, as: UTF8.self), .token($0)) }
        + PrivateKeyMatcher.keywords.indices.map { (PrivateKeyMatcher.keywords[$0], .privateKey($0)) }
        + AssignmentMatcher.keywords.indices.map { (AssignmentMatcher.keywords[$0].word, .assignment($0)) }
        + [
            (AddressMatcher.keyword, .address), (WebTokenMatcher.keyword, .webToken),
            (TelegramMatcher.keyword, .telegram), (EntraMatcher.keyword, .entra),
        ]

    private static let automaton = KeywordAutomaton(kinds.map { Array($0.keyword.lowercased().utf8) })

    /// - Parameters:
    ///   - sizeMax: bytes of the source that are looked at.
    ///   - certainOnly: whether only what its form alone gives away counts, as in data that is no text.
    ///   - meter: where it is exhausted the search ends.
    static func scan(
        _ source: any ByteSource, sizeMax: UInt64 = .max, certainOnly: Bool = false, countMax: Int, meter: SecretMeter
    ) throws(FormatFault) -> Result {
        let size = min(source.sizeBytes, sizeMax)
        var result = Result()
        var start: UInt64 = 0
        var first = 0
        while start < size {
            let count = Int(min(UInt64(windowBytes), size - start))
            let bytes = try source.bytes(at: start, count: count)
            let isLast = start + UInt64(count) == size
            let end = isLast ? count : count - aheadBytes
            for match in matches(in: bytes, keywordsIn: first..<end, certainOnly: certainOnly, meter) {
                if result.found.count < countMax {
                    result.found.append(Found(match: match, offset: start + UInt64(match.range.lowerBound)))
                } else {
                    result.dropped += 1
                }
            }
            if meter.isExhausted { result.unreadOffset = start }
            if isLast || meter.isExhausted { break }
            start += UInt64(end - behindBytes)
            first = behindBytes
        }
        try countLines(source, &result.found)
        return result
    }

    /// Secrets in a short text.
    static func matches(in bytes: [UInt8], meter: SecretMeter = SecretMeter()) -> [SecretMatch] {
        matches(in: bytes, keywordsIn: bytes.indices, certainOnly: false, meter)
    }

    /// The text with what is secret in it cut to how its kind begins, for reports about something else.
    static func hiding(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let matches = matches(in: bytes)
        guard !matches.isEmpty else { return text }
        var shown: [UInt8] = []
        var start = 0
        for match in matches {
            shown += bytes[start..<max(start, match.range.lowerBound)] + Array(match.prefix.utf8) + Array("…".utf8)
            start = max(start, match.range.upperBound)
        }
        return String(decoding: shown + bytes[start...], as: UTF8.self)
    }

    private static func matches(
        in bytes: [UInt8], keywordsIn range: Range<Int>, certainOnly: Bool, _ meter: SecretMeter
    ) -> [SecretMatch] {
        let window = SecretWindow(bytes: bytes, meter: meter)
        var matches: [SecretMatch] = []
        for hit in automaton.hits(in: bytes) where range.contains(hit.last) {
            meter.countKeyword()
            // One window may hold more than may be paid for.
            guard !meter.isExhausted else { break }
            guard let match = match(window, kinds[hit.keyword].kind, hit.last) else { continue }
            guard !certainOnly || match.kind.isCertain else { continue }
            // One secret is one finding: that which says more about it.
            if let before = matches.last, before.range.overlaps(match.range) {
                if match.kind.isCertain, !before.kind.isCertain { matches[matches.count - 1] = match }
            } else {
                matches.append(match)
            }
        }
        return matches
    }

    private static func match(_ window: SecretWindow, _ kind: Kind, _ last: Int) -> SecretMatch? {
        switch kind {
        case .token(let index):
            let token = SecretToken.all[index]
            return token.match(window, at: last + 1 - token.prefix.count).map { range in
                SecretMatch(
                    kind: .token, name: token.name, prefix: String(decoding: token.prefix, as: UTF8.self),
                    range: range)
            }
        case .privateKey(let index): return PrivateKeyMatcher.match(window, keyword: index, last: last)
        case .assignment(let index): return AssignmentMatcher.match(window, keyword: index, last: last)
        case .address: return AddressMatcher.match(window, last: last)
        case .webToken: return WebTokenMatcher.match(window, last: last)
        case .telegram: return TelegramMatcher.match(window, last: last)
        case .entra: return EntraMatcher.match(window, last: last)
        }
    }

    /// Reads the source once more, as far as something was found.
    private static func countLines(_ source: any ByteSource, _ found: inout [Found]) throws(FormatFault) {
        var reader = ByteReader(source)
        var line = 1
        for index in found.indices {
            // Matches of an address begin behind its keyword, so that the order may be another by a few bytes.
            let distance = found[index].offset - min(reader.offset, found[index].offset)
            try reader.forEachChunk(distance) { chunk in
                for place in chunk.indices where chunk[place] == 0x0A { line += 1 }
            }
            found[index].line = line
        }
    }
}

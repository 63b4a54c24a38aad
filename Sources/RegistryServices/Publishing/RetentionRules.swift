public import OCI
public import RegistryCore
import StrictJSON

/// How long repositories keep manifests that nothing leads to: `ci/*=untagged:7d`, the first pattern that matches
/// counts.
public struct RetentionRules: Sendable, Hashable {
    public static let rulesMax = 1_000
    /// Whoever pushes an index or a tag after its manifests has so long at least.
    public static let secondsMin: Int64 = 3_600
    private static let secondsMax: Int64 = 316_224_000
    private static let condition = "untagged:"

    private struct Rule: Sendable, Hashable {
        var pattern: RepositoryPattern
        var seconds: Int64
    }

    private let rules: [Rule]

    /// Everything is kept.
    public static let none = RetentionRules(rules: [])

    private init(rules: [Rule]) {
        self.rules = rules
    }

    /// - Parameter texts: `PATTERN=untagged:TIME`, the time in hours or days, as in `36h` and `7d`.
    /// - Throws: `.invalidField` for a rule that cannot be read, and for too many.
    public init(_ texts: [String]) throws(RegistryError) {
        let fault = RegistryError(
            .invalidField, "A rule is PATTERN=untagged:TIME, such as ci/*=untagged:7d, with an hour (1h) at least.",
            detail: ["field": "repository_retention"])
        guard texts.count <= Self.rulesMax else { throw fault }
        var rules: [Rule] = []
        for text in texts {
            guard let mark = text.lastIndex(of: "="), let pattern = RepositoryPattern(parsing: String(text[..<mark])),
                let seconds = Self.seconds(text[text.index(after: mark)...])
            else { throw fault }
            rules.append(Rule(pattern: pattern, seconds: seconds))
        }
        self.rules = rules
    }

    public var isEmpty: Bool { rules.isEmpty }

    /// - Returns: `nil` for ever.
    public func seconds(for repository: RepositoryName) -> Int64? {
        rules.first { $0.pattern.matches(repository) }?.seconds
    }

    private static func seconds(_ text: Substring) -> Int64? {
        guard text.hasPrefix(condition), let unit = text.last, let seconds = ["h": Int64(3_600), "d": 86_400][unit]
        else { return nil }
        let digits = text.dropFirst(condition.count).dropLast()
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int64(digits)
        else { return nil }
        let (total, overflow) = number.multipliedReportingOverflow(by: seconds)
        return !overflow && (secondsMin...secondsMax).contains(total) ? total : nil
    }
}

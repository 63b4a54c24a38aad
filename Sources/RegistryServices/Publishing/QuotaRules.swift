public import OCI
public import RegistryCore
import StrictJSON

/// How many bytes of blobs repositories may hold: `team/*=50GiB`, the first pattern that matches counts.
public struct QuotaRules: Sendable, Hashable {
    public static let rulesMax = 1_000

    private struct Rule: Sendable, Hashable {
        var pattern: RepositoryPattern
        var bytesMax: UInt64
    }

    private let rules: [Rule]

    /// Nobody has a quota.
    public static let none = QuotaRules(rules: [])

    private init(rules: [Rule]) {
        self.rules = rules
    }

    /// - Parameter texts: `PATTERN=BYTES`, the bytes with `KiB`, `MiB`, `GiB`, `TiB` behind them or without.
    /// - Throws: `.invalidField` for a rule that cannot be read, and for too many.
    public init(_ texts: [String]) throws(RegistryError) {
        let fault = RegistryError(
            .invalidField, "A quota is PATTERN=BYTES, such as team/*=50GiB: one repository, all beneath a name, or **.",
            detail: ["field": "repository_quotas"])
        guard texts.count <= Self.rulesMax else { throw fault }
        var rules: [Rule] = []
        for text in texts {
            guard let mark = text.lastIndex(of: "="),
                let pattern = RepositoryPattern(parsing: String(text[..<mark])),
                let bytes = Self.bytes(text[text.index(after: mark)...])
            else { throw fault }
            rules.append(Rule(pattern: pattern, bytesMax: bytes))
        }
        self.rules = rules
    }

    /// - Returns: `nil` for as many as the disk holds.
    public func bytesMax(of repository: RepositoryName) -> UInt64? {
        rules.first { $0.pattern.matches(repository) }?.bytesMax
    }

    private static func bytes(_ text: Substring) -> UInt64? {
        let units: [(name: String, shift: UInt64)] = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40), ("", 0)]
        guard let unit = units.first(where: { text.hasSuffix($0.name) }),
            let number = UInt64(text.dropLast(unit.name.count))
        else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << unit.shift)
        return overflow ? nil : bytes
    }
}

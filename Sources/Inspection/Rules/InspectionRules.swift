import Crypto
import ModelFormats

/// The identity of the rules in force: evidence names it, so that old verdicts can be told from new ones.
public enum InspectionRules {
    /// Raised whenever the same file may come to another verdict.
    public static let version = "8"

    /// SHA-256 over the version and all rules with their severities, verdicts and words.
    public static let digest: String = {
        var hasher = SHA256()
        hasher.update(data: Array("pratique inspection rules \(version)\n".utf8))
        for rule in RuleCatalogue.all {
            let fields = [
                rule.id.rawValue, rule.severity.rawValue, rule.verdict.rawValue, rule.title, rule.meaning, rule.remedy,
            ]
            hasher.update(data: Array(fields.joined(separator: "\t").utf8) + [UInt8(ascii: "\n")])
        }
        return Hexadecimal.text(hasher.finalize())
    }()
}

import RegistryPorts
import StrictJSON

/// The answer of a program that speaks our contract: one JSON object on its standard output, and exit status 0.
///
/// ```json
/// {"version": 1, "verdict": "suspicious", "findings": [{"title": "…", "verdict": "suspicious", "detail": "…"}]}
/// ```
enum ScannerReport {
    static let findingsMax = 256
    private static let limits = JSONLimits(
        bytesMax: ScannerProcess.outputBytesMax, depthMax: 8, nodesMax: 10_000, stringBytesMax: 1 << 16)

    private enum Verdict: String {
        case clean, suspicious, malicious
    }

    static func findings(_ output: [UInt8]) throws(ScannerFault) -> [ScanFinding] {
        do {
            var fields = try FieldReader(try StrictJSON.parse(output, limits: limits))
            guard try fields.requiredUInt64("version") == 1 else { throw ScannerFault.unintelligible("version") }
            let verdict = try Self.verdict(try fields.requiredString("verdict"))
            var findings = try (fields.optionalArray("findings") ?? []).prefix(findingsMax).map(finding)
            try fields.finish()
            // What it says of the whole counts even if it names nothing.
            let isNamed = findings.contains { $0.isThreat == (verdict == .malicious) }
            if verdict != .clean, !isNamed {
                findings.append(ScanFinding(isThreat: verdict == .malicious, title: verdict.rawValue))
            }
            return findings
        } catch let fault as ScannerFault {
            throw fault
        } catch let fault as FieldFault {
            throw .unintelligible("\(fault)")
        } catch {
            throw .unintelligible("it is not one JSON object")
        }
    }

    private static func finding(_ value: JSONValue) throws -> ScanFinding {
        var fields = try FieldReader(value, field: "findings")
        let finding = ScanFinding(
            isThreat: try verdict(try fields.requiredString("verdict")) == .malicious,
            title: ScannerText.line(Array(try fields.requiredString("title").utf8)),
            detail: ScannerText.line(Array((try fields.optionalString("detail") ?? "").utf8)))
        try fields.finish()
        return finding
    }

    private static func verdict(_ text: String) throws -> Verdict {
        guard let verdict = Verdict(rawValue: text) else { throw ScannerFault.unintelligible("verdict") }
        return verdict
    }
}

/// What `yara` prints: a line for each rule that matches, `RULE PATH`.
enum YaraOutput {
    static let findingsMax = 256

    static func findings(_ output: [UInt8], isThreat: Bool) throws(ScannerFault) -> [ScanFinding] {
        var findings: [ScanFinding] = []
        for line in output.split(separator: UInt8(ascii: "\n")).prefix(findingsMax) {
            let rule = line.prefix { $0 != UInt8(ascii: " ") }
            guard !rule.isEmpty, rule.count < line.count, rule.allSatisfy(isIdentifier) else {
                throw .unintelligible("a line is no match of a rule")
            }
            findings.append(ScanFinding(isThreat: isThreat, title: String(decoding: rule, as: UTF8.self)))
        }
        return findings
    }

    /// YARA 4, "Writing YARA rules": letters, digits and underscores.
    private static func isIdentifier(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// Texts of programs, as they go into evidence: one line of bounded length without control characters.
enum ScannerText {
    static let scalarsMax = 300

    static func line(_ bytes: [UInt8]) -> String {
        let scalars = String(decoding: bytes.prefix(8 * scalarsMax), as: UTF8.self).unicodeScalars.prefix(scalarsMax)
        var text = ""
        for scalar in scalars {
            let isControl = scalar.properties.generalCategory == .control
            text.unicodeScalars.append(isControl ? "\u{FFFD}" : scalar)
        }
        return text
    }
}

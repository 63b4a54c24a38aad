import Inspection
import RegistryCore
import RegistryPorts
import StrictJSON

/// What one scanner said of one file.
struct FileScan: Sendable, Hashable {
    var scanner: String
    /// `nil` when the scanner could not say.
    var identity: ScannerIdentity?
    var outcome: ScanOutcome

    /// Whether it looked at everything in the file that is no tensor.
    var isCompleted: Bool {
        if case .completed = outcome { true } else { false }
    }

    /// What it adds to the report, in the words of our rules. Each names the scanner, and waivers may name the place.
    var findings: [Finding] {
        switch outcome {
        case .completed(let found, let withTensors):
            found.map { finding in
                Finding(
                    finding.isThreat ? .scannerThreat : .scannerSuspicion,
                    Finding.Place(member: "\(scanner): \(finding.title)"), detail: finding.detail)
            } + (withTensors ? [] : [Finding(.scannerTensorsSkipped, Finding.Place(member: scanner))])
        case .notScanned(let reason): [Finding(.scannerNotScanned, Finding.Place(member: scanner), detail: reason)]
        case .failed(let reason): [Finding(.scannerFailed, Finding.Place(member: scanner), detail: reason)]
        }
    }
}

// As evidence shows it, and as it is kept.
extension FileScan {
    var json: JSONValue {
        var members: [(String, JSONValue)] = [("scanner", .string(scanner))]
        if let identity {
            members += [("version", .string(identity.version)), ("rules", .string(identity.rules))]
        }
        switch outcome {
        case .completed(let findings, let withTensors):
            members += [
                ("outcome", "completed"), ("tensors", .bool(withTensors)),
                ("findings", .array(findings.map(\.json))),
            ]
        case .notScanned(let reason): members += [("outcome", "not_scanned"), ("reason", .string(reason))]
        case .failed(let reason): members += [("outcome", "failed"), ("reason", .string(reason))]
        }
        return .object(JSONObject(members))
    }

    init(json: JSONValue, _ identity: ScannerIdentity) throws {
        var fields = try FieldReader(json)
        scanner = try fields.requiredString("scanner")
        self.identity = identity
        switch try fields.requiredString("outcome") {
        case "completed":
            outcome = .completed(
                try fields.requiredArray("findings").map { try ScanFinding(json: $0) },
                withTensors: try fields.requiredBool("tensors"))
        case "not_scanned": outcome = .notScanned(try fields.requiredString("reason"))
        default: throw FieldFault.missing("outcome")
        }
    }
}

extension ScanFinding {
    fileprivate var json: JSONValue {
        ["title": .string(title), "threat": .bool(isThreat), "detail": .string(detail)]
    }

    fileprivate init(json: JSONValue) throws {
        var fields = try FieldReader(json)
        self.init(
            isThreat: try fields.requiredBool("threat"), title: try fields.requiredString("title"),
            detail: try fields.requiredString("detail"))
    }
}

internal import Attestation
internal import OCI
internal import RegistryCore
internal import SignatureKeys
internal import StrictJSON

/// What a verification summary came to, for people and for programs.
struct SummaryReport {
    let subject: String
    /// What was read; `nil` when nobody known has signed it.
    var verified: VerifiedSummary?
    /// What of it the subject is.
    var place: String?
    var log: SummaryLog?
    var refusal: SummaryRefusal?
    /// What nobody asked for.
    var open: [String] = []

    init(subject: String) {
        self.subject = subject
    }

    var status: ExitStatus {
        guard let refusal else { return .done }
        return refusal.reason.isUndecided ? .unchecked : .bad
    }

    private var word: String {
        switch status {
        case .done: "verified"
        case .unchecked: "undecided"
        default: "failed"
        }
    }

    var text: String {
        var fields = FieldList()
        if let verified {
            let summary = verified.summary
            fields.add("Artifact", "\(verified.name), \(verified.artifact.version)")
            fields.add("Verified as", summary.resourceURI)
            fields.add("Verifier", summary.verifierID)
            fields.add("Decided at", "\(verified.event.time)")
            fields.add("Policy", "\(verified.admittance.policyVersion), \(verified.admittance.policyDigest)")
            fields.add("Levels", summary.verifiedLevels.joined(separator: ", "))
            for input in summary.inputAttestations { fields.add("Counted", Self.text(input)) }
            fields.add("Decision", "entry \(verified.decision.index) of \(verified.decision.origin)")
        }
        fields.add("This is", place)
        if let log {
            fields.add("In the log", "of \(log.size) entries")
            fields.add("Since then", log.standing.map(Self.text))
        }
        fields.add("Not checked", open.isEmpty ? nil : open.joined(separator: "; "))
        if let refusal {
            fields.add("Because", refusal.detail)
            fields.add("Reason", refusal.reason.rawValue)
        }
        return fields.text + "\(word): \(TerminalText.visible(subject))\n"
    }

    private static func text(_ standing: SummaryStanding) -> String {
        let again = standing.decidedAgain.map { ", admitted again by entry \($0)" } ?? ""
        let newest = standing.newest.map { ", the newest of \($0)" } ?? ""
        return
            "it stands, after \(Quantities.count(standing.laterEntries, "more entry", "more entries"))\(newest)\(again)"
    }

    private static func text(_ resource: VerificationSummary.Resource) -> String {
        let digests = resource.digests.map { "\($0.key.rawValue):\(Hexadecimal.encode($0.value))" }.sorted()
        return digests.joined(separator: ", ")
    }

    var json: JSONValue {
        .object(
            JSONObject(present: [
                ("status", .string(word)), ("subject", .string(subject)), ("is", place.map(JSONValue.string)),
                ("reason", refusal.map { .string($0.reason.rawValue) }),
                ("detail", refusal.map { .string($0.detail) }),
                ("summary", verified.map(Self.json)),
                (
                    "log",
                    log.map { log in
                        .object(
                            JSONObject(present: [
                                ("size", .integer(log.size)),
                                ("later_entries", log.standing.map { .integer($0.laterEntries) }),
                                ("decided_again", log.standing?.decidedAgain.map { .integer($0) }),
                            ]))
                    }
                ),
                ("not_checked", .array(open.map(JSONValue.string))), ("exit_status", .integer(status.rawValue)),
            ]))
    }

    private static func json(_ verified: VerifiedSummary) -> JSONValue {
        [
            "name": .string(verified.name.description), "version": .string(verified.artifact.version.description),
            "index": .integer(verified.decision.index), "predicate": verified.summary.json,
        ]
    }
}

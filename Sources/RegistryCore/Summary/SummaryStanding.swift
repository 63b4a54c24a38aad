import OCI
import StrictJSON

/// Whether the decision of a summary is in a log, and still stands there: hears the entries from the decision on, in
/// order, each of which was proven to be in the log.
public struct SummaryStanding: Sendable {
    private let verified: VerifiedSummary
    private var isFound = false
    private var objection: SummaryRefusal?

    /// Entries that were heard after the decision.
    public private(set) var laterEntries: UInt64 = 0
    /// The time of the newest entry that was heard.
    public private(set) var newest: Timestamp?
    /// A later decision that admits the same version again, while it was trusted: by another policy, say.
    public private(set) var decidedAgain: UInt64?

    public init(of verified: VerifiedSummary) {
        self.verified = verified
    }

    /// Hears the entry at a place of the log. Those before the decision change nothing.
    public mutating func hear(_ entry: [UInt8], at index: UInt64) {
        guard index >= verified.decision.index else { return }
        if index == verified.decision.index {
            isFound = entry == verified.decision.leaf
            return
        }
        laterEntries += 1
        guard let object = (try? StrictJSON.parse(entry, limits: .event))?.asObject else {
            return self.object(.logEntryUnknown, "entry \(index) of the log cannot be read")
        }
        if let time = object["time"]?.asString.flatMap({ Timestamp(parsing: $0) }) { newest = time }
        let key = verified.artifact
        guard object["version"]?.asString == key.version.description,
            object["tenant"]?.asString == key.tenant.description
        else { return }
        guard let event = try? RegistryEvent(decoding: entry, index: index) else {
            return self.object(.logEntryUnknown, "entry \(index) of the log, about the artifact, cannot be read")
        }
        hear(event)
    }

    private mutating func hear(_ event: RegistryEvent) {
        switch event.body {
        case .quarantined, .revoked, .deleted, .refused:
            object(
                .withdrawnSince, "the log says at \(event.time), entry \(event.index): \(event.body.kind.rawValue)")
        case .recheckFailed:
            object(
                .notAdmittedSince,
                "it was looked at again at \(event.time), entry \(event.index), and is not admitted any more")
        case .promoted: decidedAgain = event.index
        case .acquired, .pushed, .inspected, .waived, .waiverEnded, .attested, .policyActivated, .bootLockRead,
            .tagged, .untagged, .placed, .removed, .reviewed:
            break
        }
    }

    /// The first objection stays, but for one that is sure: that goes before what could not be read.
    private mutating func object(_ reason: SummaryReason, _ detail: String) {
        guard objection.map({ $0.reason.isUndecided && !reason.isUndecided }) ?? true else { return }
        objection = SummaryRefusal(reason, detail)
    }

    /// - Parameter size: how many entries the log has; all of them from the decision on were heard.
    /// - Throws: `.logTooShort`, `.notInLog`, `.withdrawnSince`, `.notAdmittedSince`, `.logEntryUnknown`.
    public func check(size: UInt64) throws(SummaryRefusal) {
        let index = verified.decision.index
        guard index < size else {
            throw SummaryRefusal(.logTooShort, "the log has \(size) entries, and the decision is entry \(index)")
        }
        guard isFound else {
            throw SummaryRefusal(.notInLog, "entry \(index) of the log is another one")
        }
        if let objection { throw objection }
    }
}

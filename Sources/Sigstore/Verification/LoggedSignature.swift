internal import DER

/// Step 2: the signature is in the logs that the bundle says, and each entry is about it.
///
/// Every entry has to verify: one that does not was put there by somebody.
struct LoggedSignature: Sendable {
    let claim: SignatureClaim
    let entries: [VerifiedLogEntry]

    init(_ claim: SignatureClaim, root: TrustedRoot) throws(VerificationFailure) {
        var entries: [VerifiedLogEntry] = []
        var places: Set<Place> = []
        for entry in claim.bundle.logEntries {
            guard places.insert(Place(logID: entry.logID, index: entry.logIndex)).inserted else {
                throw VerificationFailure(.logEntryDuplicate, "an entry is there twice")
            }
        }
        for entry in claim.bundle.logEntries {
            entries.append(try VerifiedLogEntry(entry, claim, root))
        }
        if claim.needsLog, entries.isEmpty {
            throw VerificationFailure(.logEntryMissing, "the signature is in no log")
        }
        self.claim = claim
        self.entries = entries
    }

    private struct Place: Hashable {
        let logID: [UInt8]
        let index: UInt64
    }
}

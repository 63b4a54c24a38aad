public import DER

/// An entry that is in a trusted log and about this very signature.
public struct VerifiedLogEntry: Sendable, Hashable {
    public let log: TrustedLog

    /// Position in the whole log as the log signed it; without its promise, position in the tree of the proof.
    public let logIndex: UInt64

    /// When the log took it, if the log signed that.
    public let integratedTime: UnixTime?

    /// Whether the entry was proved to be in the log, rather than promised.
    public let isIncluded: Bool

    init(_ entry: UnverifiedLogEntry, _ claim: SignatureClaim, _ root: TrustedRoot) throws(VerificationFailure) {
        let logs = root.transparencyLogs.filter { $0.logID == entry.logID }
        guard !logs.isEmpty else {
            throw VerificationFailure(.logUnknown, "an entry is in a log that the trusted root does not have")
        }
        let kind = try EntryBody.kind(of: entry)
        let body = try EntryBody.checked(entry, kind, claim)
        if case .hashedRekordV2 = kind {
            self = try Self.v2(entry, body, logs)
        } else {
            self = try Self.v1(entry, body, logs, claim.bundle.version)
        }
    }

    private init(log: TrustedLog, logIndex: UInt64, integratedTime: UnixTime?, isIncluded: Bool) {
        self.log = log
        self.logIndex = logIndex
        self.integratedTime = integratedTime
        self.isIncluded = isIncluded
    }

    private static func v1(
        _ entry: UnverifiedLogEntry, _ body: [UInt8], _ logs: [TrustedLog], _ version: UnverifiedBundle.Version
    ) throws(VerificationFailure) -> VerifiedLogEntry {
        var log = logs[0]
        var time: UnixTime?
        var index = entry.inclusionProof?.logIndex ?? entry.logIndex
        if let promise = entry.inclusionPromise {
            guard let signer = logs.first(where: { entry.promiseIsValid(promise, body: body, by: $0) }) else {
                throw VerificationFailure(.inclusionPromiseInvalid, "the log did not sign the promise of an entry")
            }
            guard let seconds = Int64(exactly: entry.integratedTime), let integrated = UnixTime(seconds: seconds) else {
                throw VerificationFailure(.logEntryMalformed, "the time of an entry is in no year")
            }
            // A root may list one key with several windows.
            guard let used = logs.first(where: { $0.key == signer.key && $0.window.contains(integrated) }) else {
                throw VerificationFailure(.logOutsideWindow, "at \(integrated) the key of the log was not in use")
            }
            (log, time, index) = (used, integrated, entry.logIndex)
        } else if version == .v01 {
            throw VerificationFailure(.inclusionPromiseMissing, "bundles of version 0.1 need a promise of the log")
        }
        if let proof = entry.inclusionProof {
            try entry.checkInclusion(proof, body: body, in: log, checkpointIsRequired: version != .v01)
        } else if version != .v01 {
            throw VerificationFailure(.inclusionProofMissing, "an entry has no proof that it is in the log")
        }
        return VerifiedLogEntry(
            log: log, logIndex: index, integratedTime: time, isIncluded: entry.inclusionProof?.checkpoint != nil)
    }

    private static func v2(
        _ entry: UnverifiedLogEntry, _ body: [UInt8], _ logs: [TrustedLog]
    ) throws(VerificationFailure) -> VerifiedLogEntry {
        guard let proof = entry.inclusionProof else {
            throw VerificationFailure(.inclusionProofMissing, "an entry has no proof that it is in the log")
        }
        // Nobody signs the position beside the proof: it has to be the one in the proof.
        guard entry.logIndex == proof.logIndex else {
            throw VerificationFailure(.inclusionProofInvalid, "an entry and its proof are at different positions")
        }
        try entry.checkInclusion(proof, body: body, in: logs[0], checkpointIsRequired: true)
        return VerifiedLogEntry(log: logs[0], logIndex: entry.logIndex, integratedTime: nil, isIncluded: true)
    }
}

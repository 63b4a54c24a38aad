import Attestation
public import OCI

/// What somebody asks of a summary, besides that it is one. What is `nil` is not asked for.
public struct SummaryExpectation: Sendable, Hashable {
    public var verifierID: String?
    public var resourceURI: String?
    public var policy: Digest?
    /// Levels that all have to be reached.
    public var levels: [String] = []
    /// How long ago the decision may have been made.
    public var ageSecondsMax: Int64?

    /// How far clocks may differ.
    private static let skewMilliseconds: Int64 = 300_000

    public init() {}

    /// - Parameter now: the time here.
    /// - Throws: the first thing that is not as asked; `.expired` when the admission was for a time that is over.
    public func check(_ verified: VerifiedSummary, now: Timestamp) throws(SummaryRefusal) {
        let summary = verified.summary
        if let verifierID, !verifierID.utf8.elementsEqual(summary.verifierID.utf8) {
            throw SummaryRefusal(.verifierMismatch, "it is by \(summary.verifierID)")
        }
        if let resourceURI, !resourceURI.utf8.elementsEqual(summary.resourceURI.utf8) {
            throw SummaryRefusal(.resourceMismatch, "it is for \(summary.resourceURI)")
        }
        if let policy, policy != verified.admittance.policyDigest {
            throw SummaryRefusal(.policyMismatch, "the policy was \(verified.admittance.policyDigest)")
        }
        for level in levels where !summary.reaches(level) {
            throw SummaryRefusal(
                .levelMissing, "it does not say \(level), but \(summary.verifiedLevels.joined(separator: ", "))")
        }
        let age = now.milliseconds - verified.event.time.milliseconds
        guard age >= -Self.skewMilliseconds else {
            throw SummaryRefusal(.timeInFuture, "by the clock here, \(verified.event.time) is still to come")
        }
        if let ageSecondsMax, Duration.milliseconds(age) > .seconds(ageSecondsMax) {
            throw SummaryRefusal(.tooOld, "it was decided at \(verified.event.time)")
        }
        guard verified.admittance.counts(at: now) else {
            throw SummaryRefusal(
                .expired, "the waivers that it rests on ended at \(verified.admittance.validUntil ?? now)")
        }
    }
}

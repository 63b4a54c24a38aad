public import OCI
public import RegistryCore

/// What somebody wants to answer for, where, why and until when.
public struct WaiverOrder: Sendable {
    public var rule: String
    /// Of a version, of a whole content, or of one file: every version that it means gets the waiver.
    public var digest: Digest
    /// Those of them alone whose names this matches; `nil` for all.
    public var names: NamePattern?
    public var member: String?
    public var reason: String
    public var ticket: String?
    public var end: End

    public enum End: Sendable, Hashable {
        case at(Timestamp)
        case after(days: UInt64)

        func time(from now: Timestamp) -> Timestamp {
            switch self {
            case .at(let time): time
            case .after(let days):
                Timestamp(
                    clamping: now.milliseconds + Int64(min(days, WaiverRules.daysBound.upperBound + 1)) * 86_400_000)
            }
        }
    }

    public init(
        rule: String, digest: Digest, names: NamePattern? = nil, member: String? = nil, reason: String,
        ticket: String? = nil, end: End
    ) {
        self.rule = rule
        self.digest = digest
        self.names = names
        self.member = member
        self.reason = reason
        self.ticket = ticket
        self.end = end
    }

    /// What each version gets.
    ///
    /// - Parameter file: set where the digest is that of a file.
    func terms(file: Digest?, expires: Timestamp) -> WaiverTerms {
        WaiverTerms(rule: rule, file: file, member: member, reason: reason, ticket: ticket, expires: expires)
    }
}

/// A waiver, and the version that it is of.
public struct GrantedWaiver: Sendable {
    public var record: ArtifactRecord
    public var waiver: Waiver

    /// Whether the version is trusted by it now.
    public var isInUse: Bool {
        record.state == .trusted && record.admittance?.waivers.contains(waiver.id) == true
    }
}

public import OCI

/// That somebody looked at what one rule of the inspection found in one artifact version, and answers for it until a
/// day that is named.
///
/// It belongs to the version that it was granted for, whose digest covers every byte: other bytes need another one.
public struct Waiver: Sendable, Hashable {
    /// Most waivers that a version has at a time.
    public static let countMax = 64

    /// The index of the event that granted it.
    public var id: UInt64
    public var terms: WaiverTerms
    /// Who granted it.
    public var grantedBy: Actor
    public var grantedAt: Timestamp

    public init(id: UInt64, terms: WaiverTerms, grantedBy: Actor, grantedAt: Timestamp) {
        self.id = id
        self.terms = terms
        self.grantedBy = grantedBy
        self.grantedAt = grantedAt
    }

    /// Whether it counts at a time: from its end on it does not.
    public func counts(at time: Timestamp) -> Bool { time < terms.expires }
}

/// What is waived, why and until when.
public struct WaiverTerms: Sendable, Hashable {
    public static let reasonBytesMax = 1_000
    public static let ticketBytesMax = 200
    public static let memberBytesMax = 1_000

    /// The one rule whose findings are waived.
    public var rule: String
    /// Waives what was found in files with these bytes only, and not in the other files of the version.
    public var file: Digest?
    /// Waives what was found at this place only: a member of an archive, as the finding names it.
    public var member: String?
    public var reason: String
    /// Where more is written down.
    public var ticket: String?
    /// From this moment on it counts no more.
    public var expires: Timestamp

    public init(
        rule: String, file: Digest? = nil, member: String? = nil, reason: String, ticket: String? = nil,
        expires: Timestamp
    ) {
        self.rule = rule
        self.file = file
        self.member = member
        self.reason = reason
        self.ticket = ticket
        self.expires = expires
    }

    /// Whether it is about what a rule found at a place.
    ///
    /// - Parameter member: as the finding names it, `nil` for the file itself.
    public func covers(rule: String, in file: Digest, at member: String?) -> Bool {
        self.rule == rule && (self.file.map { $0 == file } ?? true) && (self.member.map { $0 == member } ?? true)
    }
}

/// Why a waiver counts no more.
public enum WaiverEnd: Sendable, Hashable {
    /// Its time was over.
    case expired
    case revoked(reason: String?)
}

/// Why metadata or a target is not trusted.
public struct TUFRefusal: Error, Sendable, Hashable {
    /// The role whose metadata it is about; for a target, the role that names it or should.
    public let role: RoleName
    public let reason: Reason

    public init(_ role: RoleName, _ reason: Reason) {
        self.role = role
        self.reason = reason
    }

    public enum Reason: Sendable, Hashable {
        /// Not what the specification's chapter 4 describes. The sentence says what is wrong.
        case malformed(String)
        /// Described there, and not understood here.
        case unsupported(String)
        case tooLarge(bytesMax: Int)
        /// TUF 4.2.1: a key identifier stands twice among the signatures.
        case duplicateSignature
        /// TUF 5.3.4, 5.4.2, 5.5.3, 5.6.3: fewer distinct keys have signed than have to.
        case thresholdNotMet(valid: Int, threshold: Int)
        /// TUF 5.3.5, 5.5.4, 5.6.4: not the version that was asked for.
        case versionMismatch(expected: UInt64, found: UInt64)
        /// TUF 5.4.3, 5.5.5: older than what has been trusted before.
        case rollback(of: RoleName, trusted: UInt64, found: UInt64)
        /// TUF 5.5.5: what the trusted snapshot lists is not listed any more.
        case roleRemoved(RoleName)
        /// TUF 5.5.2, 5.6.2, 5.7.3.
        case lengthMismatch
        case hashMismatch
        /// Hashes, none of which is of an algorithm that we know.
        case noKnownHash
        /// TUF 5.3.10, 5.4.4, 5.5.6, 5.6.5, by the later one of this clock and the last successful update.
        case expired(at: MetadataTime, now: MetadataTime)
        /// The snapshot does not list the role, so that nobody knows its version.
        case notListed
        /// The repository has no such file, and none that is good enough is here.
        case absent
        /// More delegated roles than `TUFLimits.delegationsMax` were looked into.
        case tooManyDelegations
        /// The target is not here, and there is no repository to ask.
        case targetAbsent(String)
        /// TUF 5.7.2: no role that may name this target does.
        case targetUnknown(String)
    }

    /// Stays the same between releases: for programs.
    public var code: String {
        switch reason {
        case .malformed: "tuf_malformed"
        case .unsupported: "tuf_unsupported"
        case .tooLarge: "tuf_too_large"
        case .duplicateSignature: "tuf_duplicate_signature"
        case .thresholdNotMet: "tuf_threshold_not_met"
        case .versionMismatch: "tuf_version_mismatch"
        case .rollback: "tuf_rollback"
        case .roleRemoved: "tuf_role_removed"
        case .lengthMismatch: "tuf_length_mismatch"
        case .hashMismatch: "tuf_hash_mismatch"
        case .noKnownHash: "tuf_no_known_hash"
        case .expired: "tuf_expired"
        case .notListed: "tuf_not_listed"
        case .absent: "tuf_absent"
        case .tooManyDelegations: "tuf_too_many_delegations"
        case .targetAbsent: "tuf_target_absent"
        case .targetUnknown: "tuf_target_unknown"
        }
    }
}

extension TUFRefusal: CustomStringConvertible {
    /// One sentence without a full stop.
    public var description: String {
        switch reason {
        case .malformed(let what): "the metadata of \(role) is not valid: \(what)"
        case .unsupported(let what): "the metadata of \(role) is not understood: \(what)"
        case .tooLarge(let bytesMax): "the metadata of \(role) has more than \(bytesMax) bytes"
        case .duplicateSignature: "the metadata of \(role) is signed twice by one key identifier"
        case .thresholdNotMet(let valid, let threshold):
            "the metadata of \(role) is signed by \(valid) of the \(threshold) keys that it takes"
        case .versionMismatch(let expected, let found):
            "the metadata of \(role) is version \(found) where it should be \(expected)"
        case .rollback(let subject, let trusted, let found):
            "the metadata of \(role) leads back from version \(trusted) of \(subject) to \(found)"
        case .roleRemoved(let subject): "the metadata of \(role) lists \(subject) no more"
        case .lengthMismatch: "what \(role) is about has another length than was signed"
        case .hashMismatch: "what \(role) is about has another hash than was signed"
        case .noKnownHash: "the hashes of what \(role) is about are all of unknown algorithms"
        case .expired(let time, let now): "the metadata of \(role) expired at \(time); it is \(now)"
        case .notListed: "the snapshot does not list \(role)"
        case .absent: "there is no metadata of \(role) that can be used"
        case .tooManyDelegations: "the search ended after as many delegated roles as are looked into, at \(role)"
        case .targetAbsent(let path): "the target \(path.prefix(256)) is not kept here"
        case .targetUnknown(let path): "no role names the target \(path.prefix(256))"
        }
    }
}

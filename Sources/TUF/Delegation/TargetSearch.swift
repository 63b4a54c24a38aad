/// The search for one target through the roles that may name it, depth first and in their order (TUF 5.6.7).
///
/// Ask `step()`. Where it needs the metadata of a role, offer what was kept, and else `adopt` what the repository has;
/// then ask again.
public struct TargetSearch: Sendable {
    public enum Step: Sendable, Hashable {
        case found(TargetFile)
        case needs(MetadataRequest)
    }

    private let metadata: TrustedMetadata
    private let path: String
    /// Delegations that are still to be followed, the next one last.
    private var pending: [Delegation] = []
    private var visited: Set<RoleName> = [.targets]
    private var found: TargetFile?

    init(_ metadata: TrustedMetadata, _ path: String) {
        self.metadata = metadata
        self.path = path
        visit(metadata.targets)
    }

    /// - Throws: `.targetUnknown` once every role that may name the target was asked, `.notListed` for a role of which
    ///   the snapshot knows nothing, and `.tooManyDelegations`.
    public mutating func step() throws(TUFRefusal) -> Step {
        if let found { return .found(found) }
        while let next = pending.last, visited.contains(next.role) { pending.removeLast() }
        guard let next = pending.last else { throw TUFRefusal(.targets, .targetUnknown(path)) }
        // The role at the top is no delegated one.
        guard visited.count <= metadata.state.limits.delegationsMax else {
            throw TUFRefusal(next.role, .tooManyDelegations)
        }
        return .needs(metadata.state.request(next.role, try file(of: next.role)))
    }

    /// Goes on with what was kept of the role that is needed, if it passes all checks.
    ///
    /// It may have been verified before by the word of another role that delegates to it. That counts for nothing here.
    ///
    /// - Returns: whether it does.
    public mutating func remember(_ kept: [UInt8]) -> Bool {
        (try? adopt(kept)) != nil
    }

    /// Goes on with the file that was requested. It is to be kept at once.
    public mutating func adopt(_ bytes: [UInt8]) throws(TUFRefusal) {
        guard let delegation = pending.last else { throw TUFRefusal(.targets, .targetUnknown(path)) }
        let role = delegation.role
        let (file, limits) = (try file(of: role), metadata.state.limits)
        if let reason = file.refusal(of: bytes) { throw TUFRefusal(role, reason) }
        let unverified = try UnverifiedMetadata(parsing: bytes, as: role, limits: limits)
        // By the keys that the role on the way here has named, not by those of any other (TUF 5.6.3).
        try delegation.authority.verify(unverified)
        let new = try unverified.content(TargetsMetadata.self, limits: limits)
        guard new.header.version == file.version else {
            throw TUFRefusal(role, .versionMismatch(expected: file.version, found: new.header.version))
        }
        try new.requireUnexpired(role, at: metadata.state.now)
        pending.removeLast()
        visited.insert(role)
        visit(new)
    }

    private mutating func visit(_ role: TargetsMetadata) {
        found = role.target(path)
        var next: [Delegation] = []
        for delegation in role.delegations where delegation.covers(path) {
            next.append(delegation)
            // TUF 5.6.7.2.1: neither those that follow here nor those that were to follow further up.
            if delegation.isTerminating {
                pending = []
                break
            }
        }
        pending += next.reversed()
    }

    private func file(of role: RoleName) throws(TUFRefusal) -> MetadataFile {
        guard let file = metadata.snapshot.files[role] else { throw TUFRefusal(role, .notListed) }
        return file
    }
}

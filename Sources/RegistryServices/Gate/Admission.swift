public import RegistryCore
import RegistryPorts
import StrictJSON

/// The gate. Every door asks it, and asks it for each answer.
public struct Admission: Sendable {
    private let directory: ArtifactDirectory
    private let manifests: ArtifactManifests
    private let verification: Verification
    /// Knows the time, which is asked for where trust rests on waivers, and nowhere else.
    private let ledger: Ledger
    private let rules: RepositoryRules

    public init(
        directory: ArtifactDirectory, manifests: ArtifactManifests, verification: Verification, ledger: Ledger,
        rules: RepositoryRules
    ) {
        self.rules = rules
        self.directory = directory
        self.manifests = manifests
        self.verification = verification
        self.ledger = ledger
    }

    /// Admits an artifact to a runtime, now.
    ///
    /// - Parameter repository: the one that it is asked for in, if one was named.
    /// - Throws: `.artifactNotFound`; `.notTrusted` with the state; `.integrityFailed` when the stored bytes are not
    ///   the admitted ones, after which the artifact is in quarantine; `.recordTampered`.
    public func admit(
        _ name: ArtifactName, in repository: RepositoryKey?
    ) async throws(RegistryError) -> ServableArtifact {
        let record = try await directory.record(named: name)
        var admittance = try admittance(of: record)
        if let repository { admittance = try await self.admittance(of: record, in: repository) }
        return try await admit(record, try await manifests.files(of: record.key), by: admittance)
    }

    /// Admits some files of a version that was looked up for this very answer; the receipt is for those alone.
    ///
    /// - Throws: as `admit(_:in:)`.
    func admit(
        _ record: ArtifactRecord, _ files: [ArtifactFile], in repository: RepositoryKey
    ) async throws(RegistryError) -> ServableArtifact {
        try await admit(record, files, by: try await admittance(of: record, in: repository))
    }

    private func admit(
        _ record: ArtifactRecord, _ files: [ArtifactFile], by admittance: Admittance
    ) async throws(RegistryError) -> ServableArtifact {
        try await verification.requireUnchanged(record, files)
        return ServableArtifact(admitted: record, files: files, admittance: admittance)
    }

    /// Admits one file that was opened for this very answer.
    ///
    /// - Parameter opened: what is open; `nil` where nothing could be.
    /// - Returns: `nil` when another file has its name by now: open that one.
    /// - Throws: as `admit(_:in:)`.
    func admit(
        _ record: ArtifactRecord, _ file: ArtifactFile, opened: BlobIdentity?, in repository: RepositoryKey
    ) async throws(RegistryError) -> ServableArtifact? {
        let admittance = try await admittance(of: record, in: repository)
        guard try await verification.requireUnchanged(record, file, opened: opened) else { return nil }
        return ServableArtifact(admitted: record, files: [file], admittance: admittance)
    }

    /// The decision that a version is trusted by. Where it stands comes before anything else that could be said of it.
    ///
    /// - Throws: `.notTrusted` with the state; `.recordTampered`.
    func admittance(of record: ArtifactRecord) throws(RegistryError) -> Admittance {
        guard record.state == .trusted else { throw .notTrusted(record) }
        guard let admittance = record.admittance else {
            throw RegistryError(
                .recordTampered, "\(record.name) is marked trusted and no decision of a policy says so.")
        }
        guard admittance.counts(at: ledger.now()) else { throw .waiverIsOver(record) }
        return admittance
    }

    /// The same, for whoever asks for the version in a repository: what is asked for there has to hold, too.
    func admittance(
        of record: ArtifactRecord, in repository: RepositoryKey
    ) async throws(RegistryError) -> Admittance {
        let admittance = try admittance(of: record)
        try await rules.require(record, in: repository, by: admittance)
        return admittance
    }

    /// The time that trust is measured by.
    func now() -> Timestamp { ledger.now() }

    /// Whether what was admitted a moment ago would be admitted now, as far as its state says. For answers that take
    /// long: trust may end while bytes are on their way.
    public func isStillTrusted(_ artifact: ServableArtifact) async -> Bool {
        guard let record = try? await directory.record(named: artifact.record.name) else { return false }
        return record.key == artifact.record.key && record.isTrusted(at: ledger.now())
    }
}

extension RegistryError {
    /// Trust that rested on a waiver whose time is over, and that nobody has written down yet.
    static func waiverIsOver(_ record: ArtifactRecord) -> RegistryError {
        RegistryError(
            .notTrusted, "\(record.name) was trusted by a waiver that has expired.",
            detail: [
                "state": .string(record.state.rawValue),
                "reason": .string("the waiver that it was trusted by has expired"),
            ])
    }

    static func notTrusted(_ record: ArtifactRecord) -> RegistryError {
        RegistryError(
            .notTrusted, "\(record.name) is \(record.state.rawValue), not trusted.",
            detail: [
                "state": .string(record.state.rawValue), "reason": record.reason.map { .string($0) } ?? .null,
            ])
    }
}

import OCI
import RegistryCore
import RegistryPorts

/// Makes repositories anew from the events about them, one event after the other.
struct RepositoryReplay {
    let projections: any ProjectionRebuild
    let sealer: RecordSealer

    /// - Throws: `.recordTampered` for an event that cannot follow the ones before it.
    func apply(_ event: RegistryEvent, to repository: RepositoryKey) throws {
        switch event.body {
        case .tagged(let tag, let version, _):
            let sealed = sealer.seal(
                tag, at: version, eventIndex: event.index, time: event.time, in: repository)
            try projections.put(sealed, in: repository)
        case .untagged(let tag, _): try projections.removeTag(tag, from: repository)
        case .placed(let version): try place(version, in: repository)
        case .removed(let version):
            do { try projections.remove(version, from: repository) } catch {
                guard error == .changed else { throw error }
                throw RegistryError.cannotFollow(event)
            }
        case .reviewed: break
        case .acquired, .quarantined, .inspected, .promoted, .refused, .revoked, .deleted, .policyActivated,
            .bootLockRead, .pushed, .waived, .attested, .waiverEnded, .recheckFailed:
            throw RegistryError.cannotFollow(event)
        }
    }

    /// A manifest that is gone brings nothing. Whether it may be gone is asked of its version.
    func place(_ version: Digest, in repository: RepositoryKey) throws {
        guard let bytes = try projections.document(version) else { return }
        let place: ManifestPlace
        do { place = try ManifestPlace(version: version, manifest: bytes) } catch {
            throw RegistryError(
                .recordTampered, "\(version) is in \(repository.name) and is no manifest.", cause: error)
        }
        try projections.place(place, in: repository)
    }
}

extension ProjectionRebuild {
    /// A manifest whose bytes are what their digest says.
    func document(_ digest: Digest) throws(StorageFault) -> [UInt8]? {
        guard let bytes = try manifest(digest), ArtifactManifests.hash(bytes, as: digest.algorithm) == digest else {
            return nil
        }
        return bytes
    }
}

extension RegistryEvent {
    /// The version that its entry is filed under.
    var key: ArtifactKey? {
        if case .artifact(let key, _) = subject { key } else { nil }
    }

    /// The repository that its entry is filed under, and the tag.
    var place: EntryPlace? {
        guard case .repository(let repository) = subject else { return nil }
        return switch body {
        case .tagged(let tag, _, _), .untagged(let tag, _): EntryPlace(repository: repository, tag: tag)
        default: EntryPlace(repository: repository, tag: nil)
        }
    }
}

extension RegistryError {
    fileprivate static func cannotFollow(_ event: RegistryEvent) -> RegistryError {
        RegistryError(.recordTampered, "Entry \(event.index) of the log cannot follow the ones before it.")
    }
}

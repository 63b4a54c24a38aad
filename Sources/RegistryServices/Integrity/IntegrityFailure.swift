import OCI
public import RegistryCore
import RegistryPorts
import StrictJSON

/// Takes artifacts whose bytes are not the admitted ones out of service: the one that was looked at, and every other
/// one that consists of the same blob.
struct IntegrityFailure: Sendable {
    /// Versions that are looked at together, and put into quarantine in one transaction.
    private static let pageSize = 128

    private let store: any MetadataReader
    private let manifests: ArtifactManifests
    private let memory: HashMemory
    private let ledger: Ledger
    private let viewKeeper: ViewKeeper
    private let alarm: @Sendable (IntegrityAlarm) -> Void

    /// - Parameter alarm: tells people: a line in the registry's log and a metric.
    init(
        store: any MetadataReader, manifests: ArtifactManifests, memory: HashMemory, ledger: Ledger,
        viewKeeper: ViewKeeper, alarm: @escaping @Sendable (IntegrityAlarm) -> Void
    ) {
        self.store = store
        self.manifests = manifests
        self.memory = memory
        self.ledger = ledger
        self.viewKeeper = viewKeeper
        self.alarm = alarm
    }

    /// - Returns: the error for whoever asked: `.concurrentChange` when the bytes are not the artifact's any more,
    ///   because it was deleted or replaced meanwhile.
    func record(
        _ damage: Damage, of file: ArtifactFile, in record: ArtifactRecord
    ) async throws(RegistryError) -> RegistryError {
        memory.forget(file.digest)
        let cause = Self.cause(damage, file)
        let (name, key) = (record.name, record.key)
        let isCurrent = try await ledger.write(.registry(.sweep)) { entry in
            try entry.removeVerification(of: file.digest)
            let now = try entry.record(named: name)
            guard now.key == key, now.state.keepsBytes else { return false }
            if case .moves = Lifecycle.outcome(of: .failIntegrity, in: now.state) {
                try entry.append(.quarantined(cause), to: now)
            }
            return true
        }
        // People hear of it even when the view cannot be withdrawn now.
        if isCurrent { alarm(IntegrityAlarm(name: name, file: file.path.description, damage: damage)) }
        try await recordOthers(damage, of: file.digest, besides: key)
        guard isCurrent else {
            return RegistryError(.concurrentChange, "\(name) was deleted or replaced while its bytes were read.")
        }
        try await viewKeeper.follow(name)
        return RegistryError(
            .integrityFailed, "The stored bytes of \(name) are not the admitted ones.",
            detail: [
                "file": .string(file.path.description), "expected": .string(file.digest.hex),
                "actual": .string(damage.description),
            ])
    }

    /// The bytes are kept once: what is damaged for one artifact is damaged for all that have them.
    private func recordOthers(
        _ damage: Damage, of blob: Digest, besides key: ArtifactKey
    ) async throws(RegistryError) {
        var walk = BlobUserWalk(store, of: blob, pageSize: Self.pageSize)
        while let users = try await throughStore({ () async throws(StorageFault) in try await walk.next() }) {
            var affected: [(key: ArtifactKey, file: ArtifactFile)] = []
            for user in users where user != key {
                // A version whose manifest cannot be read is served to nobody.
                guard let files = try? await manifests.files(of: user),
                    let file = files.first(where: { $0.digest == blob })
                else { continue }
                affected.append((user, file))
            }
            for (record, file) in try await quarantine(affected, damage) {
                alarm(IntegrityAlarm(name: record.name, file: file.path.description, damage: damage))
                // Its view stays pending when it cannot be withdrawn now, and must not keep the others from theirs.
                try? await viewKeeper.follow(record.name)
            }
        }
    }

    private func quarantine(
        _ affected: [(key: ArtifactKey, file: ArtifactFile)], _ damage: Damage
    ) async throws(RegistryError) -> [(record: ArtifactRecord, file: ArtifactFile)] {
        try await ledger.write(.registry(.sweep)) { entry in
            var moved: [(record: ArtifactRecord, file: ArtifactFile)] = []
            for (key, file) in affected {
                // A record that was tampered with is served to nobody either.
                guard let record = try? entry.recordIfAny(key),
                    case .moves = Lifecycle.outcome(of: .failIntegrity, in: record.state)
                else { continue }
                try entry.append(.quarantined(Self.cause(damage, file)), to: record)
                moved.append((record, file))
            }
            return moved
        }
    }

    private static func cause(_ damage: Damage, _ file: ArtifactFile) -> QuarantineCause {
        .integrity(file: file.path.description, expected: file.digest, found: damage.description)
    }
}

/// Bytes rotted or were swapped.
public struct IntegrityAlarm: Sendable, Hashable {
    public var name: ArtifactName
    public var file: String
    public var damage: Damage
}

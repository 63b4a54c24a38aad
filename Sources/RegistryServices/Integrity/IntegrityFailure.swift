import OCI
public import RegistryCore
import RegistryPorts
import StrictJSON

/// Takes an artifact whose bytes are not the admitted ones out of service.
public struct IntegrityFailure: Sendable {
    private let ledger: Ledger
    private let viewKeeper: ViewKeeper
    private let alarm: @Sendable (IntegrityAlarm) -> Void

    /// - Parameter alarm: tells people: a line in the registry's log and a metric.
    public init(ledger: Ledger, viewKeeper: ViewKeeper, alarm: @escaping @Sendable (IntegrityAlarm) -> Void) {
        self.ledger = ledger
        self.viewKeeper = viewKeeper
        self.alarm = alarm
    }

    /// - Returns: the error for whoever asked: `.concurrentChange` when the bytes are not the artifact's any more,
    ///   because it was deleted or replaced meanwhile.
    func record(
        _ damage: Damage, of file: ArtifactFile, in record: ArtifactRecord
    ) async throws(RegistryError) -> RegistryError {
        let cause = QuarantineCause.integrity(
            file: file.path.description, expected: file.digest, found: damage.description)
        let (name, key) = (record.name, record.key)
        let isCurrent = try await ledger.write(.registry(.sweep)) { entry in
            let now = try entry.record(named: name)
            guard now.key == key, now.state.keepsBytes else { return false }
            if case .moves = Lifecycle.outcome(of: .failIntegrity, in: now.state) {
                try entry.append(.quarantined(cause), to: now)
            }
            return true
        }
        guard isCurrent else {
            return RegistryError(.concurrentChange, "\(name) was deleted or replaced while its bytes were read.")
        }
        // People hear of it even when the view cannot be withdrawn now.
        alarm(IntegrityAlarm(name: name, file: file.path.description, damage: damage))
        try await viewKeeper.follow(name)
        return RegistryError(
            .integrityFailed, "The stored bytes of \(name) are not the admitted ones.",
            detail: [
                "file": .string(file.path.description), "expected": .string(file.digest.hex),
                "actual": .string(damage.description),
            ])
    }
}

/// Bytes rotted or were swapped.
public struct IntegrityAlarm: Sendable, Hashable {
    public var name: ArtifactName
    public var file: String
    public var damage: Damage
}

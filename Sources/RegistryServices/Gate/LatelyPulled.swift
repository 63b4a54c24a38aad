import OCI
import RegistryCore
import Synchronization

/// Which version let a blob leave the last time. A hint where to look first, and no reason for anything: the version is
/// looked up and admitted anew each time.
final class LatelyPulled: Sendable {
    private struct Place: Hashable {
        var blob: Digest
        var repository: RepositoryKey
    }

    private static let rememberedMax = 16_384

    private let versions = Mutex<[Place: Digest]>([:])

    func version(naming blob: Digest, in repository: RepositoryKey) -> Digest? {
        versions.withLock { $0[Place(blob: blob, repository: repository)] }
    }

    func remember(_ version: Digest, naming blob: Digest, in repository: RepositoryKey) {
        versions.withLock { versions in
            if versions.count >= Self.rememberedMax { versions.removeAll(keepingCapacity: true) }
            versions[Place(blob: blob, repository: repository)] = version
        }
    }
}

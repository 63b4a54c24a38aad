public import OCI
public import RegistryCore
public import RegistryPorts
import Synchronization
import TransparencyLog

/// What somebody does who can write to the store behind the registry's back.
extension MemoryMetadataStore {
    /// One change of a row. `nil` removes it.
    public enum Tampering: Sendable {
        case record(SealedRecord)
        case noRecord(ArtifactKey)
        case name(ArtifactName, Digest?)
        case manifest(Digest, [UInt8]?)
        case evidenceDocument(Digest, [UInt8]?)
        /// Whatever the version's evidence was.
        case evidence(ArtifactKey, [EvidenceEntry])
        case uses(ArtifactKey, [Digest])
        /// Other bytes in a leaf, whose hash stays.
        case entry(UInt64, [UInt8])
        /// A leaf that is filed under another version.
        case entryKey(UInt64, ArtifactKey?)
        /// A leaf that is filed under another repository or tag.
        case entryPlace(UInt64, EntryPlace?)
        case tag(SealedTag, RepositoryKey)
        case noTag(Tag, RepositoryKey)
        /// Whatever the manifest brought into the repository.
        case place(ManifestPlace, RepositoryKey)
        case noPlace(Digest, RepositoryKey)
        /// One more leaf, with the hashes that belong to it.
        case appended([UInt8], ArtifactKey?)
        /// A hash that is not that of its subtree.
        case hash(level: Int, index: Int)
    }

    public func tamper(_ tampering: Tampering) {
        state.withLock { state in
            switch tampering {
            case .record(let row): state.tables.records[row.record.key] = row
            case .noRecord(let key): state.tables.records[key] = nil
            case .name(let name, let version): state.tables.names[.default, default: [:]][name] = version
            case .manifest(let digest, let bytes): state.tables.manifests[digest] = bytes
            case .evidenceDocument(let digest, let bytes): state.tables.evidenceDocuments[digest] = bytes
            case .evidence(let key, let entries): state.tables.evidence[key] = entries
            case .uses(let key, let blobs): state.tables.blobs[key] = blobs.sorted()
            case .entry(let index, let bytes): state.tables.entries[Int(index)].bytes = bytes
            case .entryKey(let index, let key): state.tables.entries[Int(index)].key = key
            case .entryPlace(let index, let place): state.tables.entries[Int(index)].place = place
            case .tag(let tag, let key): state.tables.repositories[key, default: .init()].tags[tag.tag] = tag
            case .noTag(let tag, let key): state.tables.repositories[key]?.tags[tag] = nil
            case .place(let place, let key):
                state.tables.repositories[key, default: .init()].places[place.version] = place
            case .noPlace(let version, let key): state.tables.repositories[key]?.places[version] = nil
            case .appended(let bytes, let key):
                state.tables.entries.append(LogEntry(index: state.tables.frontier.size, bytes: bytes, key: key))
                for stored in state.tables.frontier.append(MerkleHashing.leaf(bytes)) {
                    while state.tables.hashes.count <= stored.level { state.tables.hashes.append([]) }
                    state.tables.hashes[stored.level].append(stored.hash)
                }
            case .hash(let level, let index):
                // The hash of another place: it has the right length and is wrong.
                state.tables.hashes[level][index] = state.tables.frontier.root
            }
        }
    }

    /// What is kept about inspections of a blob.
    public func inspections(of blob: Digest) -> [InspectionKey] {
        state.withLock { $0.tables.inspections.keys.filter { $0.blob == blob }.sorted { $0.name < $1.name } }
    }

    /// Everything that is stored, at one moment.
    public struct Snapshot: Sendable {
        let tables: MemoryTables
    }

    public func snapshot() -> Snapshot {
        state.withLock { Snapshot(tables: $0.tables) }
    }

    /// Puts an older copy in the store's place, as somebody does who restores a backup.
    public func restore(_ snapshot: Snapshot) {
        state.withLock { $0.tables = snapshot.tables }
    }
}

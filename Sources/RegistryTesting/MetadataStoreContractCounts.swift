import OCI
import RegistryCore
import RegistryPorts
import Testing

extension MetadataStoreContract {
    static let counts: [Clause] = [
        Clause("Counts after many changes are what counting again gives") { store in
            var world = try World(seed: 42)
            for _ in 0..<40 {
                var changes: [World.Change] = []
                for _ in 0..<25 { changes.append(try world.change()) }
                let sent = changes
                try await store.write { transaction in
                    for change in sent {
                        try transaction.put(change.record)
                        try transaction.putUses(of: change.blobs, by: change.record.record.key)
                        guard change.isNamed else { continue }
                        try transaction.point(
                            change.record.record.name, in: .default, at: change.record.record.key.version)
                    }
                }
                #expect(try await store.counts().byState.filter { $0.value > 0 } == world.counts)
            }
            for blob in world.blobs {
                #expect(try await store.uses(of: blob) == world.uses(of: blob))
                #expect(Set(try await store.users(of: blob)) == world.users(of: blob))
            }
        },
        Clause("A version that is deleted no longer keeps its blobs, and still names them") { store in
            let blob = try MetadataSamples.digest("shared")
            let records = try ["a", "b", "c"].map { try MetadataSamples.record($0, state: .trusted) }
            try await store.write { transaction in
                for record in records {
                    try transaction.putNamed(record)
                    try transaction.putUses(of: [blob, blob], by: record.record.key)
                }
            }
            #expect(try await store.uses(of: blob) == BlobUses(kept: 3, shown: 6))
            let revoked = try MetadataSamples.record("a", state: .revoked, headIndex: 1)
            let deleted = try MetadataSamples.record("b", state: .deleted, headIndex: 2)
            try await store.write { transaction in
                try transaction.put(revoked)
                try transaction.put(deleted)
            }
            #expect(try await store.uses(of: blob) == BlobUses(kept: 2, shown: 2))
            #expect(Set(try await store.users(of: blob)) == Set(records.map(\.record.key)))
            #expect(try await store.counts().byState == [.trusted: 1, .revoked: 1, .deleted: 1])
        },
        Clause("What a version consists of is said once") { store in
            let record = try MetadataSamples.record("n")
            let blobs = [try MetadataSamples.digest("one"), try MetadataSamples.digest("two")]
            try await store.write { transaction in
                try transaction.putNamed(record)
                try transaction.putUses(of: blobs, by: record.record.key)
                try transaction.putUses(of: blobs.reversed(), by: record.record.key)
            }
            for others in [[blobs[0]], blobs + [blobs[0]]] {
                await #expect(throws: StorageFault.changed) {
                    try await store.write { transaction in
                        try transaction.putUses(of: others, by: record.record.key)
                    }
                }
            }
            #expect(try await store.uses(of: blobs[1]) == BlobUses(kept: 1, shown: 0))
        },
    ]

    /// What the counts are counted again from.
    private struct World {
        struct Change: Sendable {
            var record: SealedRecord
            var blobs: [Digest]
            var isNamed: Bool
        }

        let blobs: [Digest]
        private var generator: SeededGenerator
        private var versions: [ArtifactKey: Change] = [:]
        private var names: [ArtifactName: ArtifactKey] = [:]
        private var index: UInt64 = 0

        init(seed: UInt64) throws {
            generator = SeededGenerator(seed: seed)
            blobs = try (0..<12).map { try MetadataSamples.digest("blob \($0)") }
        }

        /// Some version, new or not, gets some state, and its name points at it, or keeps pointing elsewhere.
        mutating func change() throws -> Change {
            index += 1
            let record = try MetadataSamples.record(
                "n\(Int.random(in: 0..<30, using: &generator))",
                version: "\(Int.random(in: 0..<4, using: &generator))",
                state: ArtifactState.allCases.randomElement(using: &generator) ?? .acquired, headIndex: index)
            let key = record.record.key
            var used: [Digest] = []
            for blob in blobs where Bool.random(using: &generator) { used.append(blob) }
            used.append(blobs[0])
            let change = Change(
                record: record, blobs: versions[key]?.blobs ?? used, isNamed: Bool.random(using: &generator))
            versions[key] = change
            if change.isNamed { names[record.record.name] = key }
            return change
        }

        var counts: [ArtifactState: UInt64] {
            names.values.reduce(into: [:]) { counts, key in
                guard let state = versions[key]?.record.record.state else { return }
                counts[state, default: 0] += 1
            }
        }

        func uses(of blob: Digest) -> BlobUses {
            let users = versions.values.filter { $0.blobs.contains(blob) }
            let trusted = users.filter { $0.record.record.state == .trusted }
            return BlobUses(
                kept: UInt64(users.filter(\.record.record.state.keepsBytes).count),
                shown: UInt64(trusted.flatMap(\.blobs).filter { $0 == blob }.count))
        }

        func users(of blob: Digest) -> Set<ArtifactKey> {
            Set(versions.filter { $0.value.blobs.contains(blob) }.keys)
        }
    }
}

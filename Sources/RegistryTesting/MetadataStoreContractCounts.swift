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
                let users = try await store.users(of: blob, after: 0, limit: 1_000)
                #expect(Set(users.map(\.key)) == world.users(of: blob))
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
            let users = try await store.users(of: blob, after: 0, limit: 10)
            #expect(Set(users.map(\.key)) == Set(records.map(\.record.key)))
            #expect(try await store.counts().byState == [.trusted: 1, .revoked: 1, .deleted: 1])
        },
        Clause("Versions of a blob and of a content come in pages, each once, whatever becomes of them") { store in
            let blob = try MetadataSamples.digest("shared")
            let records = try (0..<20).map { try MetadataSamples.record("n", version: "\($0)", state: .trusted) }
            let content = records[0].record.acquisition.content.sha256
            try await store.write { transaction in
                for record in records {
                    try transaction.put(record)
                    try transaction.putUses(of: [blob], by: record.record.key)
                }
                try transaction.putNamed(try MetadataSamples.record("other"))
            }
            for limit in [1, 3, 7, 19, 20, 21, .max] {
                var users: [ArtifactKey] = []
                var after: Int64 = 0
                while let page = try await store.users(of: blob, after: after, limit: limit).ifFilled {
                    #expect(page.count <= limit)
                    users += page.map(\.key)
                    after = page[page.count - 1].id
                }
                #expect(users.count == 20)
                #expect(Set(users) == Set(records.map(\.record.key)))
            }
            let found = try await store.write { transaction in
                var (users, contents): ([ArtifactKey], [ArtifactKey]) = ([], [])
                var after: Int64 = 0
                while let page = try transaction.records(
                    withContent: content, in: .default, after: after, limit: 6
                ).ifFilled {
                    for found in page {
                        guard var record = found.record else { continue }
                        contents.append(record.record.key)
                        record.record.state = .revoked
                        record.record.headIndex += 1
                        try transaction.put(record)
                    }
                    after = page[page.count - 1].id
                }
                after = 0
                while let page = try transaction.users(of: blob, after: after, limit: 6).ifFilled {
                    users += page.map(\.key)
                    after = page[page.count - 1].id
                }
                return (users, contents)
            }
            #expect(found.0.count == 20)
            #expect(found.1.count == 20)
            #expect(Set(found.0) == Set(found.1))
            #expect(try await store.users(of: blob, after: 0, limit: 0).isEmpty)
            #expect(try await store.users(of: blob, after: .max, limit: 1).isEmpty)
        },
        Clause("A page of versions is never longer than the longest page") { store in
            let blob = try MetadataSamples.digest("shared")
            let count = try await store.write { transaction in
                for number in 0...VersionPage.limitMax {
                    let record = try MetadataSamples.record("n", version: "\(number)")
                    try transaction.put(record)
                    try transaction.putUses(of: [blob], by: record.record.key)
                }
                let content = try MetadataSamples.record("n").record.acquisition.content.sha256
                return try transaction.records(withContent: content, in: .default, after: 0, limit: .max).count
            }
            #expect(count == VersionPage.limitMax)
            #expect(try await store.users(of: blob, after: 0, limit: .max).count == VersionPage.limitMax)
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

extension Array {
    fileprivate var ifFilled: Self? { isEmpty ? nil : self }
}

import OCI
import RegistryCore
import RegistryPorts
import Testing

extension MetadataStoreContract {
    static let records: [Clause] = [
        Clause("A record comes back as it was put, in every state") { store in
            for (index, state) in ArtifactState.allCases.enumerated() {
                let record = try MetadataSamples.record("r\(index)", state: state, headIndex: UInt64(index))
                try await store.write { transaction in try transaction.put(record) }
                #expect(try await store.record(record.record.key) == record)
            }
            var bare = try MetadataSamples.record("bare", source: nil)
            bare.record.acquisition.content.layout = .directory
            bare.record.acquisition.content.sizeBytes = .max
            bare.record.acquisition.content.filename = ""
            bare.record.evidenceCount = .max
            bare.record.key = ArtifactKey(
                tenant: try Tenant(parsing: "another"), version: try Digest(sha512: [UInt8](repeating: 9, count: 64)))
            let sent = bare
            try await store.write { transaction in try transaction.putNamed(sent) }
            #expect(try await store.record(sent.record.key) == sent)
            #expect(try await store.record(named: sent.record.name, in: sent.record.key.tenant) == sent)
            #expect(try await store.record(named: sent.record.name, in: .default) == nil)
        },
        Clause("Versions with waivers are found in pages, each once, and leave when they have none") { store in
            var waived: Set<ArtifactKey> = []
            for index in 0..<7 {
                let record = try MetadataSamples.record("w\(index)", state: index % 2 == 0 ? .trusted : .quarantined)
                if index % 2 == 0 { waived.insert(record.record.key) }
                try await store.write { transaction in try transaction.putNamed(record) }
            }
            var found: [ContentRecord] = []
            while true {
                let page = try await store.waivedRecords(after: found.last?.id ?? 0, limit: 3)
                found += page
                guard page.count == 3 else { break }
            }
            #expect(found.count == 4)
            #expect(Set(found.compactMap(\.record?.record.key)) == waived)
            var ended = try #require(found.first?.record)
            ended.record.waivers = []
            let sent = ended
            try await store.write { transaction in try transaction.put(sent) }
            #expect(try await store.waivedRecords(after: 0, limit: 10).count == 3)
            #expect(try await store.waivedRecords(after: 0, limit: 0).isEmpty)
        },
        Clause("What was never put is not there") { store async throws in
            #expect(try await store.record(MetadataSamples.key("none")) == nil)
            #expect(try await store.record(named: MetadataSamples.name("none"), in: .default) == nil)
            #expect(try await store.records(RecordQuery()).isEmpty)
            #expect(try await store.counts().total == 0)
            #expect(try await store.evidence(of: MetadataSamples.key("none")).isEmpty)
            #expect(try await store.entries(of: MetadataSamples.key("none"), from: 0, limit: 10).isEmpty)
            #expect(try await store.verification(of: MetadataSamples.digest("none")) == nil)
        },
        Clause("A name points at the version it was last pointed at") { store in
            let first = try MetadataSamples.record("n", version: "1")
            let second = try MetadataSamples.record("n", version: "2", state: .trusted)
            try await store.write { transaction in
                try transaction.putNamed(first)
                try transaction.putNamed(second)
            }
            #expect(try await store.record(named: first.record.name, in: .default) == second)
            #expect(try await store.record(first.record.key) == first)
            #expect(try await store.counts().byState == [.trusted: 1])
            try await store.write { transaction in
                try transaction.point(first.record.name, in: .default, at: first.record.key.version)
            }
            #expect(try await store.record(named: first.record.name, in: .default) == first)
            #expect(try await store.counts().byState == [.acquired: 1])
        },
        Clause("A version may be mentioned before its record is put") { store in
            let record = try MetadataSamples.record("n", state: .trusted)
            let blob = try MetadataSamples.digest("blob")
            try await store.write { transaction in
                try transaction.putUses(of: [blob], by: record.record.key)
                try transaction.point(record.record.name, in: .default, at: record.record.key.version)
                try transaction.appendLeaf([1], of: record.record.key)
                try transaction.put(record)
            }
            #expect(try await store.record(named: record.record.name, in: .default) == record)
            #expect(try await store.counts().byState == [.trusted: 1])
            #expect(try await store.uses(of: blob) == BlobUses(kept: 1, shown: 1))
            #expect(try await store.records(RecordQuery(state: .trusted, format: "gguf")) == [record])
        },
        Clause("A record does not go back, and does not change its name") { store in
            let record = try MetadataSamples.record("n", headIndex: 5)
            try await store.write { transaction in try transaction.putNamed(record) }
            await #expect(throws: StorageFault.changed) {
                var older = record
                older.record.headIndex = 4
                let sent = older
                try await store.write { transaction in try transaction.put(sent) }
            }
            await #expect(throws: StorageFault.changed) {
                var renamed = record
                renamed.record.name = try MetadataSamples.name("other")
                let sent = renamed
                try await store.write { transaction in try transaction.put(sent) }
            }
            await #expect(throws: StorageFault.changed) {
                try await store.write { transaction in
                    try transaction.point(
                        try MetadataSamples.name("other"), in: .default, at: record.record.key.version)
                }
            }
            #expect(try await store.record(record.record.key) == record)
        },
        Clause("Records are found by their content, within one tenant") { store in
            let first = try MetadataSamples.record("n", version: "1")
            let second = try MetadataSamples.record("n", version: "2")
            let other = try MetadataSamples.record("m")
            let found = try await store.write { transaction in
                for record in [first, second, other] { try transaction.put(record) }
                let content = first.record.acquisition.content.sha256
                return (
                    try transaction.records(withContent: content, in: .default, after: 0, limit: 10),
                    try transaction.records(
                        withContent: content, in: try Tenant(parsing: "another"), after: 0, limit: 10)
                )
            }
            #expect(Set(found.0.map(\.record)) == [first, second])
            #expect(found.1.isEmpty)
        },
        Clause("Names beneath a name are seen, and no others") { store in
            let names = ["a", "a-b", "a.b", "a0", "ab/c", "b/c/d"]
            let answers = try await store.write { transaction in
                for name in names { try transaction.putNamed(try MetadataSamples.record(name)) }
                return try ["a", "a/b", "ab", "b", "b/c", "b/c/d", "c"].filter { name in
                    try transaction.hasNames(beneath: try MetadataSamples.name(name), in: .default)
                }
            }
            #expect(answers == ["ab", "b", "b/c"])
        },
    ]
}

import OCI
import RegistryCore
import RegistryPorts
import Testing

extension MetadataStoreContract {
    static let documents: [Clause] = [
        Clause("Documents are kept under their digest, each kind by itself") { store in
            let manifest = MetadataSamples.bytes("{\"manifest\":true}")
            let digest = try MetadataSamples.digest("{\"manifest\":true}")
            try await store.write { transaction in
                try transaction.putManifest(manifest, digest: digest)
                try transaction.putManifest(manifest, digest: digest)
            }
            #expect(try await store.manifest(digest) == manifest)
            #expect(try await store.evidenceDocument(digest) == nil)
            let wrong = try MetadataSamples.digest("something else")
            await #expect(throws: StorageFault.digestMismatch(actual: digest)) {
                try await store.write { transaction in try transaction.putManifest(manifest, digest: wrong) }
            }
            #expect(try await store.manifest(wrong) == nil)
            let empty = try MetadataSamples.digest("")
            try await store.write { transaction in try transaction.putManifest([], digest: empty) }
            #expect(try await store.manifest(empty) == [])
        },
        Clause("Evidence is listed in the order of its events") { store in
            let record = try MetadataSamples.record("n")
            let key = record.record.key
            let entries = try [
                ("report", EvidenceEntry.Kind.inspection, 1), ("claim", .claim, 4), ("decision", .decision, 4),
                ("report", .inspection, 9),
            ].map { text, kind, index in
                EvidenceEntry(
                    kind: kind, digest: try MetadataSamples.digest(text), sizeBytes: UInt64(text.utf8.count),
                    time: MetadataSamples.time(index), eventIndex: index)
            }
            let texts = ["report", "claim", "decision", "report"]
            try await store.write { transaction in
                for (entry, text) in zip(entries, texts).reversed() where entry.eventIndex > 4 {
                    try transaction.putEvidence(MetadataSamples.bytes(text), entry: entry, of: key)
                }
                for (entry, text) in zip(entries, texts) {
                    try transaction.putEvidence(MetadataSamples.bytes(text), entry: entry, of: key)
                }
                try transaction.put(record)
            }
            #expect(try await store.evidence(of: key) == entries)
            #expect(try await store.evidence(of: MetadataSamples.key("other")).isEmpty)
            for (entry, text) in zip(entries, texts) {
                #expect(try await store.evidenceDocument(entry.digest) == MetadataSamples.bytes(text))
            }
            let forged = MetadataSamples.bytes("forged")
            let actual = try MetadataSamples.digest("forged")
            await #expect(throws: StorageFault.digestMismatch(actual: actual)) {
                try await store.write { transaction in
                    try transaction.putEvidence(forged, entry: entries[0], of: key)
                }
            }
        },
        Clause("An inspection is kept for each blob, name and version of the rules") { store in
            let key = InspectionKey(blob: try MetadataSamples.digest("blob"), name: "a.txt", rules: "1.0")
            var (renamed, newer, other) = (key, key, key)
            renamed.name = "a.py"
            newer.rules = "1.1"
            other.blob = try MetadataSamples.digest("other")
            let kept = [(key, [UInt8(1)]), (newer, [2]), (key, [3]), (renamed, [4])]
            try await store.write { transaction in
                for (key, document) in kept { try transaction.putInspection(document, key) }
            }
            #expect(try await store.inspection(key) == [3])
            #expect(try await store.inspection(newer) == [2])
            #expect(try await store.inspection(renamed) == [4])
            #expect(try await store.inspection(other) == nil)
        },
        Clause("The newest verification of a blob is kept") { store in
            let blob = try MetadataSamples.digest("blob")
            let verifications = [UInt64(0), 1, .max].map { number in
                SealedVerification(
                    identity: BlobIdentity(
                        device: number, inode: number, sizeBytes: number, modifiedNanoseconds: .min,
                        changedNanoseconds: .max, links: number),
                    time: number == 0 ? .earliest : .latest, seal: [UInt8](repeating: 1, count: 32))
            }
            for verification in verifications {
                try await store.write { transaction in try transaction.putVerification(verification, of: blob) }
                #expect(try await store.verification(of: blob) == verification)
            }
            try await store.write { transaction in try transaction.removeVerification(of: blob) }
            #expect(try await store.verification(of: blob) == nil)
        },
        Clause("Pending views are oldest first, and one is removed by its own number only") { store in
            let names = try ["b", "a", "b", "c"].map { try MetadataSamples.name($0) }
            try await store.write { transaction in
                for name in names { try transaction.putPendingView(of: name, in: .default) }
            }
            let pending = try await store.pendingViews(after: 0, limit: 10)
            #expect(pending.map(\.name) == names)
            #expect(Set(pending.map(\.id)).count == 4)
            #expect(try await store.pendingViews(after: 0, limit: 2) == Array(pending[..<2]))
            #expect(try await store.pendingViews(after: pending[1].id, limit: 2) == Array(pending[2...]))
            #expect(try await store.pendingViews(after: 0, limit: 0).isEmpty)
            let last = pending[3].id
            try await store.write { transaction in
                try transaction.removePendingView(pending[1].id)
                try transaction.removePendingView(last)
                try transaction.removePendingView(last)
            }
            #expect(try await store.pendingViews(after: 0, limit: 10) == [pending[0], pending[2]])
            let name = try MetadataSamples.name("d")
            try await store.write { transaction in try transaction.putPendingView(of: name, in: .default) }
            let next = try await store.pendingViews(after: 0, limit: 10).last
            #expect(next?.name == name)
            #expect(next.map { $0.id > last } == true)
        },
    ]
}

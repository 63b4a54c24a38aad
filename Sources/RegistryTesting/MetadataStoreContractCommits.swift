import RegistryCore
import RegistryPorts
import Testing
import TransparencyLog

extension MetadataStoreContract {
    static let commits: [Clause] = [
        Clause("What a body returns is returned, and what it wrote is read") { store in
            let record = try MetadataSamples.record("a/model", state: .trusted, headIndex: 7)
            let answer = try await store.write { transaction in
                try transaction.putNamed(record)
                return "done"
            }
            #expect(answer == "done")
            #expect(try await store.record(record.record.key) == record)
            #expect(try await store.record(named: record.record.name, in: .default) == record)
        },
        Clause("A body that throws leaves nothing behind") { store in
            let before = try MetadataSamples.record("before")
            try await store.write { transaction in
                try transaction.putNamed(before)
                try transaction.appendLeaf([1], of: before.record.key)
            }
            let record = try MetadataSamples.record("taken-back", state: .trusted)
            let blob = try MetadataSamples.digest("blob")
            await #expect(throws: BodyFault(number: 7)) {
                try await store.write { transaction in
                    try transaction.putNamed(record)
                    try transaction.putUses(of: [blob], by: record.record.key)
                    try transaction.putManifest(
                        MetadataSamples.bytes("m"), digest: try MetadataSamples.digest("m"))
                    try transaction.putPendingView(of: record.record.name, in: .default)
                    try transaction.appendLeaf([2], of: record.record.key)
                    throw BodyFault(number: 7)
                }
            }
            #expect(try await store.record(record.record.key) == nil)
            #expect(try await store.record(named: record.record.name, in: .default) == nil)
            #expect(try await store.counts().byState == [.acquired: 1])
            #expect(try await store.uses(of: blob) == BlobUses(kept: 0, shown: 0))
            #expect(try await store.users(of: blob, after: 0, limit: 10).isEmpty)
            #expect(try await store.manifest(MetadataSamples.digest("m")) == nil)
            #expect(try await store.pendingViews(after: 0, limit: 10).isEmpty)
            #expect(try await store.logHead().size == 1)
            #expect(try await store.entries(from: 0, limit: 10).map(\.bytes) == [[1]])
            #expect(try await store.write { transaction in try transaction.appendLeaf([3]) } == 1)
        },
        Clause("Bodies that throw do not touch the others of the same commit") { store in
            let results = await withTaskGroup(of: (Int, Bool).self, returning: [Int: Bool].self) { group in
                for number in 0..<60 {
                    group.addTask { (number, await store.writeOrThrow(number)) }
                }
                return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            #expect(results.count == 60)
            for (number, isKept) in results {
                #expect(isKept == !number.isMultiple(of: 3))
                let name = try MetadataSamples.name("n\(number)")
                #expect((try await store.record(named: name, in: .default) != nil) == isKept)
            }
            #expect(try await store.counts().total == 40)
            let entries = try await store.entries(from: 0, limit: 100)
            #expect(entries.map(\.index) == Array(0..<40))
            #expect(entries.allSatisfy { !$0.bytes[0].isMultiple(of: 3) })
            var frontier = TreeFrontier()
            for entry in entries { _ = frontier.append(MerkleHashing.leaf(entry.bytes)) }
            #expect(try await store.logHead().frontier == frontier)
        },
        Clause("Writes happen one after another") { store in
            let key = try MetadataSamples.key("n@1")
            let first = try MetadataSamples.record("n")
            try await store.write { transaction in try transaction.put(first) }
            try await withThrowingTaskGroup { group in
                for _ in 0..<100 {
                    group.addTask {
                        try await store.write { transaction in
                            guard var next = try transaction.record(key) else { throw BodyFault() }
                            next.record.headIndex += 1
                            try transaction.put(next)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await store.record(key)?.record.headIndex == 100)
        },
        Clause("Whoever was answered reads what they wrote") { store in
            try await withThrowingTaskGroup { group in
                for task in 0..<16 {
                    group.addTask {
                        for index in UInt64(1)...20 {
                            let record = try MetadataSamples.record("task-\(task)", headIndex: index)
                            try await store.write { transaction in
                                try transaction.putNamed(record)
                                try transaction.appendLeaf([UInt8(task), UInt8(index)], of: record.record.key)
                            }
                            #expect(try await store.record(named: record.record.name, in: .default) == record)
                            let entries = try await store.entries(of: record.record.key, from: 0, limit: 100)
                            #expect(entries.map(\.bytes) == (1...index).map { [UInt8(task), UInt8($0)] })
                            #expect(try await store.logHead().size >= index)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await store.logHead().size == 320)
        },
        Clause("A body reads what it wrote itself") { store in
            let record = try MetadataSamples.record("n")
            try await store.write { transaction in
                let name = record.record.name
                guard try transaction.record(named: name, in: .default) == nil else { throw BodyFault(number: 1) }
                try transaction.putNamed(record)
                try transaction.appendLeaf([1])
                guard try transaction.record(named: name, in: .default) == record,
                    try transaction.record(record.record.key) == record, try transaction.logHead().size == 1
                else { throw BodyFault(number: 2) }
            }
        },
    ]
}

extension MetadataStore {
    /// Writes a record and a leaf of this number; a body whose number is a multiple of three throws afterwards.
    ///
    /// - Returns: whether it was kept.
    fileprivate func writeOrThrow(_ number: Int) async -> Bool {
        do {
            try await write { transaction in
                try transaction.putNamed(try MetadataSamples.record("n\(number)"))
                try transaction.appendLeaf([UInt8(number)])
                if number.isMultiple(of: 3) { throw BodyFault(number: number) }
            }
            return true
        } catch {
            #expect(error as? BodyFault == BodyFault(number: number))
            return false
        }
    }
}

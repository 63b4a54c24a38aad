import RegistryCore
import RegistryPorts
import Testing
import TransparencyLog

extension MetadataStoreContract {
    static let log: [Clause] = [
        Clause("The log gives back its entries, its hashes and its head") { store in
            let keys = try ["a", "b"].map { try MetadataSamples.key($0) }
            let leaves = (0..<600).map { MetadataSamples.bytes("leaf \($0)") }
            for start in stride(from: 0, to: 600, by: 100) {
                try await store.write { transaction in
                    for number in start..<start + 100 {
                        try transaction.appendLeaf(leaves[number], of: number % 3 == 2 ? nil : keys[number % 3])
                    }
                }
            }
            var frontier = TreeFrontier()
            var hashes: [[LogHash]] = [[], [], []]
            for leaf in leaves {
                for stored in frontier.append(MerkleHashing.leaf(leaf)) { hashes[stored.level].append(stored.hash) }
            }
            #expect(try await store.logHead() == LogHead(frontier: frontier))
            #expect(try await store.logHashes(level: 0, from: 0, limit: 1_000) == hashes[0])
            #expect(try await store.logHashes(level: 0, from: 590, limit: 256) == Array(hashes[0][590...]))
            #expect(try await store.logHashes(level: 0, from: 256, limit: 256) == Array(hashes[0][256..<512]))
            #expect(try await store.logHashes(level: 1, from: 0, limit: 256) == hashes[1])
            #expect(try await store.logHashes(level: 2, from: 0, limit: 256).isEmpty)
            #expect(try await store.logHashes(level: 0, from: .max, limit: 256).isEmpty)
            #expect(try await store.logHashes(level: 0, from: 0, limit: -1).isEmpty)

            let entries = try await store.entries(from: 0, limit: 1_000)
            #expect(entries.map(\.bytes) == leaves)
            for (number, entry) in entries.enumerated() {
                #expect(entry.key == (number % 3 == 2 ? nil : keys[number % 3]))
            }
            #expect(try await store.entries(from: 598, limit: 10).map(\.index) == [598, 599])
            #expect(try await store.entries(from: 600, limit: 10).isEmpty)
            #expect(try await store.entries(from: .max, limit: 10).isEmpty)
            #expect(try await store.entries(from: 0, limit: 0).isEmpty)
        },
        Clause("Entries of one version are read in order, from any index on") { store in
            let key = try MetadataSamples.key("a")
            let other = try MetadataSamples.key("b")
            try await store.write { transaction in
                for number in UInt8(0)..<50 { try transaction.appendLeaf([number], of: number % 5 == 0 ? key : other) }
            }
            let all = try await store.entries(of: key, from: 0, limit: 100)
            #expect(all.map(\.index) == Array(stride(from: 0, to: 50, by: 5)))
            #expect(all.allSatisfy { $0.key == key && $0.bytes == [UInt8($0.index)] })
            #expect(try await store.entries(of: key, from: 11, limit: 2).map(\.index) == [15, 20])
            #expect(try await store.entries(of: key, from: 46, limit: 2).isEmpty)
            #expect(try await store.entries(of: key, from: .max, limit: 2).isEmpty)
            #expect(try await store.entries(of: key, from: 0, limit: -1).isEmpty)
        },
        Clause("Entries about the registry itself are read in order, from any index on") { store in
            let key = try MetadataSamples.key("a")
            try await store.write { transaction in
                for number in UInt8(0)..<50 { try transaction.appendLeaf([number], of: number % 7 == 0 ? nil : key) }
            }
            let all = try await store.registryEntries(from: 0, limit: 100)
            #expect(all.map(\.index) == Array(stride(from: 0, to: 50, by: 7)))
            #expect(all.allSatisfy { $0.key == nil && $0.bytes == [UInt8($0.index)] })
            #expect(try await store.registryEntries(from: 8, limit: 2).map(\.index) == [14, 21])
            #expect(try await store.registryEntries(from: 50, limit: 2).isEmpty)
            #expect(try await store.registryEntries(from: 0, limit: 0).isEmpty)
        },
        Clause("The newest entry of each version is read in pages, each version once") { store in
            let keys = try (0..<20).map { try MetadataSamples.key("v\($0)") }
            try await store.write { transaction in
                for number in 0..<100 {
                    try transaction.appendLeaf([UInt8(number)], of: number % 9 == 0 ? nil : keys[number * number % 20])
                }
            }
            var expected: [ArtifactKey: UInt64] = [:]
            for number in 0..<100 where number % 9 != 0 { expected[keys[number * number % 20]] = UInt64(number) }
            for limit in [1, 3, 5, 6, 7, 1_000] {
                var found: [ArtifactKey: UInt64] = [:]
                var after: Int64 = 0
                while true {
                    let page = try await store.newestEntries(after: after, limit: limit)
                    for entry in page { #expect(found.updateValue(entry.index, forKey: entry.key) == nil) }
                    guard page.count == limit, let last = page.last else { break }
                    after = last.id
                }
                #expect(found == expected)
            }
            #expect(try await store.newestEntries(after: 0, limit: 0).isEmpty)
            #expect(try await store.newestEntries(after: .max, limit: 10).isEmpty)
        },
        Clause("The end of the log keeps its seal until something is appended") { store in
            #expect(try await store.logHead().seal.isEmpty)
            try await store.write { transaction in
                try transaction.appendLeaf([0])
                try transaction.putHeadSeal([1, 2])
                #expect(try transaction.logHead().seal == [1, 2])
            }
            #expect(try await store.logHead().seal == [1, 2])
            try await store.write { transaction in try transaction.putHeadSeal([3]) }
            #expect(try await store.logHead().seal == [3])
            await #expect(throws: BodyFault.self) {
                try await store.write { transaction in
                    try transaction.putHeadSeal([4])
                    throw BodyFault()
                }
            }
            #expect(try await store.logHead().seal == [3])
            try await store.write { transaction in
                #expect(try transaction.logHead().seal == [3])
                try transaction.appendLeaf([1])
                #expect(try transaction.logHead().seal.isEmpty)
            }
            #expect(try await store.logHead().seal.isEmpty)
        },
        Clause("Nothing is appended but at the end, and with the hashes of its bytes") { store in
            _ = try await store.write { transaction in try transaction.appendLeaf([0]) }
            for index in [UInt64(0), 2] {
                await #expect(throws: StorageFault.changed) {
                    try await store.write { transaction in
                        var next = try transaction.logHead()
                        let hashes = next.frontier.append(MerkleHashing.leaf([1]))
                        try transaction.append(
                            LogEntry(index: index, bytes: [1], key: nil), hashes: hashes, head: next)
                    }
                }
            }
            await #expect {
                try await store.write { transaction in
                    var next = try transaction.logHead()
                    let hashes = next.frontier.append(MerkleHashing.leaf([1]))
                    try transaction.append(LogEntry(index: 1, bytes: [2], key: nil), hashes: hashes, head: next)
                }
            } throws: { error in
                if case .corrupted = error as? StorageFault { true } else { false }
            }
            #expect(try await store.entries(from: 0, limit: 10).map(\.bytes) == [[0]])
            #expect(try await store.logHead().size == 1)
        },
    ]
}

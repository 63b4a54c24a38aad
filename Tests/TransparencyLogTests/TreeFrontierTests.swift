import Testing
import TransparencyLog

@Suite("Tree frontier")
struct TreeFrontierTests {
    @Test("Every root up to 600 leaves is the recursive definition's")
    func rootsMatchDefinition() {
        let reference = ReferenceTree(size: 600)
        var frontier = TreeFrontier()
        for size in 1...600 {
            _ = frontier.append(reference.leaves[size - 1])
            #expect(frontier.root == reference.root(0..<size))
        }
    }

    @Test("An append stores the leaf, and each tile-level subtree that it completes")
    func storedHashes() {
        let reference = ReferenceTree(size: 65_537)
        var frontier = TreeFrontier()
        for index in 0..<65_537 {
            let stored = frontier.append(reference.leaves[index])
            var expected = [StoredHash(level: 0, index: UInt64(index), hash: reference.leaves[index])]
            if (index + 1).isMultiple(of: 256) {
                let root = reference.root(index - 255..<index + 1)
                expected.append(StoredHash(level: 1, index: UInt64(index / 256), hash: root))
            }
            if (index + 1).isMultiple(of: 65_536) {
                expected.append(StoredHash(level: 2, index: UInt64(index / 65_536), hash: reference.root(0..<65_536)))
            }
            if stored != expected { Issue.record("append \(index) stored \(stored)") }
        }
    }

    @Test(
        "A restored frontier continues as if it had never stopped",
        arguments: [
            0, 1, 2, 3, 254, 255, 256, 257, 511, 512, 513, 1_000, 65_535, 65_536, 65_537,
        ])
    func restores(size: Int) throws {
        let log = MemoryLog(size: size)
        var restored = try TreeFrontier(size: UInt64(size), reader: log)
        #expect(restored == log.frontier)

        var continued = log.frontier
        for leaf in CTReference.leaves {
            #expect(restored.append(leaf) == continued.append(leaf))
        }
        #expect(restored.head == continued.head)
    }

    @Test("Batches store the same hashes as single appends")
    func batches() {
        var single = TreeFrontier()
        var batched = TreeFrontier()
        var one: [StoredHash] = []
        var many: [StoredHash] = []
        for leaf in ReferenceTree(size: 300).leaves {
            one += single.append(leaf)
            batched.append(leaf, storing: &many)
        }
        #expect(one == many)
        #expect(single == batched)
    }

    @Test("A size that no log can have is refused before anything is read")
    func absurdSize() {
        #expect(throws: ProofFault<MemoryLog.NeverStored>.sizeOutOfRange(.max, max: TreeHead.sizeMax)) {
            try TreeFrontier(size: .max, reader: MemoryLog())
        }
    }

    @Test("A store that lost a hash makes restoring fail, and names the hash")
    func lostHash() {
        let lost = MemoryLog.NeverStored(level: 0, index: 2)
        #expect(throws: ProofFault<MemoryLog.NeverStored>.read(lost)) {
            try TreeFrontier(size: 3, reader: MemoryLog(size: 2))
        }
    }
}

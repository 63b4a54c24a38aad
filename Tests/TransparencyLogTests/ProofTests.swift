import Testing
import TransparencyLog

@Suite("Proofs")
struct ProofTests {
    static let sizeMax = 130
    let reference = ReferenceTree(size: sizeMax)
    let log = MemoryLog(size: sizeMax)
    var builder: ProofBuilder<MemoryLog> { ProofBuilder(reader: log, treeSize: UInt64(Self.sizeMax)) }

    @Test("Every inclusion proof up to 130 leaves is the definition's, verifies, and verifies for no other leaf")
    func inclusionExhaustively() throws {
        for size in 1...Self.sizeMax {
            let head = reference.head(size)
            for leaf in 0..<size {
                let proof = try builder.inclusionProof(of: UInt64(leaf), in: UInt64(size))
                #expect(proof.path == reference.path(leaf, 0..<size))
                try proof.verify(leaf: reference.leaves[leaf], head: head)
                #expect(throws: ProofVerificationFault.self) {
                    try proof.verify(leaf: reference.leaves[(leaf + 1) % Self.sizeMax], head: head)
                }
                let elsewhere = InclusionProof(
                    leafIndex: UInt64((leaf + 1) % size), treeSize: UInt64(size), path: proof.path)
                if size > 1 {
                    #expect(throws: ProofVerificationFault.self) {
                        try elsewhere.verify(leaf: reference.leaves[leaf], head: head)
                    }
                }
            }
        }
    }

    @Test("Every consistency proof up to 130 leaves is the definition's and verifies")
    func consistencyExhaustively() throws {
        for new in 0...Self.sizeMax {
            for old in 0...new {
                let proof = try builder.consistencyProof(from: UInt64(old), to: UInt64(new))
                #expect(proof.path == reference.proof(old, new))
                try proof.verify(old: reference.head(old), new: reference.head(new))
            }
        }
    }

    @Test("A consistency proof never verifies with another root")
    func consistencyWithForeignRoot() throws {
        let forged = MerkleHashing.leaf([1])
        for new in 1...Self.sizeMax {
            for old in 0...new {
                let proof = try builder.consistencyProof(from: UInt64(old), to: UInt64(new))
                #expect(throws: ProofVerificationFault.self) {
                    try proof.verify(old: TreeHead(size: UInt64(old), root: forged), new: reference.head(new))
                }
                // Every tree extends the empty one, so its proof says nothing about the newer root.
                guard old > 0 else { continue }
                #expect(throws: ProofVerificationFault.self) {
                    try proof.verify(old: reference.head(old), new: TreeHead(size: UInt64(new), root: forged))
                }
            }
        }
    }

    @Test("Every flipped bit in an inclusion proof makes it fail")
    func flippedInclusionBits() throws {
        let head = reference.head(Self.sizeMax)
        let proof = try builder.inclusionProof(of: 77, in: UInt64(Self.sizeMax))
        #expect(proof.path.count == 8)
        for position in proof.path.indices {
            for bit in 0..<256 {
                var path = proof.path
                path[position] = path[position].flipping(bit: bit)
                let changed = InclusionProof(leafIndex: 77, treeSize: proof.treeSize, path: path)
                #expect(throws: ProofVerificationFault.self) {
                    try changed.verify(leaf: reference.leaves[77], head: head)
                }
            }
        }
    }

    @Test("Every flipped bit in a consistency proof makes it fail", arguments: [1, 2, 63, 64, 65, 100, 127, 128, 129])
    func flippedConsistencyBits(old: Int) throws {
        let proof = try builder.consistencyProof(from: UInt64(old), to: UInt64(Self.sizeMax))
        #expect(!proof.path.isEmpty)
        for position in proof.path.indices {
            for bit in 0..<256 {
                var path = proof.path
                path[position] = path[position].flipping(bit: bit)
                let changed = ConsistencyProof(oldSize: proof.oldSize, newSize: proof.newSize, path: path)
                #expect(throws: ProofVerificationFault.self) {
                    try changed.verify(old: reference.head(old), new: reference.head(Self.sizeMax))
                }
            }
        }
    }

    @Test("A path with one hash too few or too many fails by name")
    func pathLength() throws {
        let head = reference.head(100)
        for leaf in 0..<100 {
            let path = reference.path(leaf, 0..<100)
            let short = InclusionProof(leafIndex: UInt64(leaf), treeSize: 100, path: path.dropLast())
            let long = InclusionProof(leafIndex: UInt64(leaf), treeSize: 100, path: path + [path[0]])
            #expect(throws: ProofVerificationFault.pathTooShort) {
                try short.verify(leaf: reference.leaves[leaf], head: head)
            }
            #expect(throws: ProofVerificationFault.pathTooLong) {
                try long.verify(leaf: reference.leaves[leaf], head: head)
            }
        }
        for old in 1..<100 {
            let path = reference.proof(old, 100)
            let short = ConsistencyProof(oldSize: UInt64(old), newSize: 100, path: path.dropLast())
            let long = ConsistencyProof(oldSize: UInt64(old), newSize: 100, path: path + [path[0]])
            #expect(throws: ProofVerificationFault.pathTooShort) {
                try short.verify(old: reference.head(old), new: head)
            }
            #expect(throws: ProofVerificationFault.pathTooLong) {
                try long.verify(old: reference.head(old), new: head)
            }
        }
    }

    @Test("An empty path proves nothing about a grown tree")
    func emptyPath() {
        #expect(throws: ProofVerificationFault.pathTooShort) {
            try ConsistencyProof(oldSize: 3, newSize: 7, path: []).verify(
                old: reference.head(3), new: reference.head(7))
        }
        #expect(throws: ProofVerificationFault.pathTooShort) {
            try ConsistencyProof(oldSize: 4, newSize: 7, path: []).verify(
                old: reference.head(4), new: reference.head(7))
        }
    }

    @Test("From the empty tree and between equal sizes only an empty path and fitting roots pass")
    func trivialProofs() throws {
        let extra = [reference.leaves[0]]
        try ConsistencyProof(oldSize: 0, newSize: 7, path: []).verify(old: .empty, new: reference.head(7))
        #expect(throws: ProofVerificationFault.pathTooLong) {
            try ConsistencyProof(oldSize: 0, newSize: 7, path: extra).verify(old: .empty, new: reference.head(7))
        }
        #expect(throws: ProofVerificationFault.oldRootMismatch(computed: MerkleHashing.emptyRoot)) {
            let old = TreeHead(size: 0, root: extra[0])
            try ConsistencyProof(oldSize: 0, newSize: 7, path: []).verify(old: old, new: reference.head(7))
        }
        #expect(throws: ProofVerificationFault.pathTooLong) {
            try ConsistencyProof(oldSize: 7, newSize: 7, path: extra).verify(
                old: reference.head(7), new: reference.head(7))
        }
        #expect(throws: ProofVerificationFault.oldRootMismatch(computed: reference.root(0..<7))) {
            let old = TreeHead(size: 7, root: extra[0])
            try ConsistencyProof(oldSize: 7, newSize: 7, path: []).verify(old: old, new: reference.head(7))
        }
    }

    @Test("A proof about another size than the head's is refused")
    func sizeMismatch() throws {
        let proof = try builder.inclusionProof(of: 1, in: 7)
        #expect(throws: ProofVerificationFault.sizeMismatch(proof: 7, head: 8)) {
            try proof.verify(leaf: reference.leaves[1], head: reference.head(8))
        }
        let consistency = try builder.consistencyProof(from: 3, to: 7)
        #expect(throws: ProofVerificationFault.sizeMismatch(proof: 3, head: 4)) {
            try consistency.verify(old: reference.head(4), new: reference.head(7))
        }
    }

    @Test(
        "Numbers at the edge of 64 bits neither pass nor trap",
        arguments: [
            (UInt64.max, UInt64.max), (UInt64.max - 1, UInt64.max), (0, UInt64.max), (1 << 63, UInt64.max), (0, 0),
            (5, 0),
        ] as [(UInt64, UInt64)])
    func extremes(leaf: UInt64, size: UInt64) {
        let path = [LogHash](repeating: MerkleHashing.emptyRoot, count: 64)
        let head = TreeHead(size: size, root: MerkleHashing.emptyRoot)
        for count in [0, 1, 63, 64] {
            let proof = InclusionProof(leafIndex: leaf, treeSize: size, path: Array(path.prefix(count)))
            #expect(throws: ProofVerificationFault.self) { try proof.verify(leaf: path[0], head: head) }
        }
        let consistency = ConsistencyProof(oldSize: leaf, newSize: size, path: path)
        #expect(throws: ProofVerificationFault.self) {
            try consistency.verify(old: TreeHead(size: leaf, root: path[0]), new: head)
        }
    }

    @Test("Requests outside the tree are refused by name")
    func requestsOutsideTheTree() {
        typealias Fault = ProofFault<MemoryLog.NeverStored>
        #expect(throws: Fault.sizeOutOfRange(131, max: 130)) { try builder.root(at: 131) }
        #expect(throws: Fault.leafOutOfRange(7, size: 7)) { try builder.inclusionProof(of: 7, in: 7) }
        #expect(throws: Fault.leafOutOfRange(0, size: 0)) { try builder.inclusionProof(of: 0, in: 0) }
        #expect(throws: Fault.sizesReversed(old: 8, new: 7)) { try builder.consistencyProof(from: 8, to: 7) }
        #expect(throws: Fault.sizeOutOfRange(.max, max: 130)) { try builder.consistencyProof(from: 1, to: .max) }
    }
}

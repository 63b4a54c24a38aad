/// Proof that an older tree is a prefix of a newer one. Nothing in it is trusted before `verify` returns.
public struct ConsistencyProof: Sendable, Hashable {
    public let oldSize: UInt64
    public let newSize: UInt64

    /// Node hashes, deepest first. Empty when the sizes are equal or the older tree is empty.
    public let path: [LogHash]

    public init(oldSize: UInt64, newSize: UInt64, path: [LogHash]) {
        self.oldSize = oldSize
        self.newSize = newSize
        self.path = path
    }

    /// Checks that `new` extends `old` without changing a leaf. RFC 9162 section 2.1.4.2.
    ///
    /// When the older size is a power of two, the proof does not name the older root, and a rewritten history shows
    /// as `.rootMismatch`. Roots recomputed from `VerifiedTiles` tell the two cases apart at every size.
    public func verify(old: TreeHead, new: TreeHead) throws(ProofVerificationFault) {
        guard oldSize == old.size else { throw .sizeMismatch(proof: oldSize, head: old.size) }
        guard newSize == new.size else { throw .sizeMismatch(proof: newSize, head: new.size) }
        guard oldSize <= newSize else { throw .sizesReversed(old: oldSize, new: newSize) }
        if oldSize == 0 || oldSize == newSize {
            return try verifyTrivial(old: old, new: new)
        }

        var climb = Climb(leaf: oldSize - 1, last: newSize - 1)
        climb.skipRightChildren()
        // A power of two is one perfect subtree: the walk starts at the older root itself, which the path omits.
        let startsAtOldRoot = oldSize & (oldSize - 1) == 0
        guard let start = startsAtOldRoot ? old.root : path.first else { throw .pathTooShort }

        var oldRoot = start
        var newRoot = start
        for hash in path.dropFirst(startsAtOldRoot ? 0 : 1) {
            switch try climb.step() {
            case .siblingOnLeft:
                oldRoot = MerkleHashing.node(hash, oldRoot)
                newRoot = MerkleHashing.node(hash, newRoot)
            case .siblingOnRight:
                newRoot = MerkleHashing.node(newRoot, hash)
            }
        }
        guard climb.isAtRoot else { throw .pathTooShort }
        guard newRoot == new.root else { throw .rootMismatch(computed: newRoot) }
        guard oldRoot == old.root else { throw .oldRootMismatch(computed: oldRoot) }
    }

    private func verifyTrivial(old: TreeHead, new: TreeHead) throws(ProofVerificationFault) {
        guard path.isEmpty else { throw .pathTooLong }
        if oldSize == 0, old.root != MerkleHashing.emptyRoot {
            throw .oldRootMismatch(computed: MerkleHashing.emptyRoot)
        }
        if oldSize == newSize, old.root != new.root {
            throw .oldRootMismatch(computed: new.root)
        }
    }
}

/// Proof that one leaf is in a tree. Nothing in it is trusted before `verify` returns.
public struct InclusionProof: Sendable, Hashable {
    /// Position of the leaf, counted from 0.
    public let leafIndex: UInt64

    /// Size of the tree that the proof is about.
    public let treeSize: UInt64

    /// Sibling hashes, from the leaf's sibling up to the root's child.
    public let path: [LogHash]

    public init(leafIndex: UInt64, treeSize: UInt64, path: [LogHash]) {
        self.leafIndex = leafIndex
        self.treeSize = treeSize
        self.path = path
    }

    /// Checks that `leaf` is at `leafIndex` in the tree of `head`. RFC 9162 section 2.1.3.2.
    ///
    /// - Parameter head: from a verified checkpoint, never from whoever supplied the proof.
    public func verify(leaf: LogHash, head: TreeHead) throws(ProofVerificationFault) {
        guard treeSize == head.size else { throw .sizeMismatch(proof: treeSize, head: head.size) }
        guard leafIndex < treeSize else { throw .leafOutOfRange(leafIndex, size: treeSize) }

        var climb = Climb(leaf: leafIndex, last: treeSize - 1)
        var hash = leaf
        for sibling in path {
            switch try climb.step() {
            case .siblingOnLeft: hash = MerkleHashing.node(sibling, hash)
            case .siblingOnRight: hash = MerkleHashing.node(hash, sibling)
            }
        }
        guard climb.isAtRoot else { throw .pathTooShort }
        guard hash == head.root else { throw .rootMismatch(computed: hash) }
    }
}

/// Why a proof proves nothing.
public enum ProofVerificationFault: Error, Sendable, Hashable {
    /// The proof is about another size than the tree head.
    case sizeMismatch(proof: UInt64, head: UInt64)

    /// No such leaf in a tree of that size.
    case leafOutOfRange(UInt64, size: UInt64)

    /// The older tree is larger than the newer.
    case sizesReversed(old: UInt64, new: UInt64)

    /// Fewer hashes than the shape of the tree requires.
    case pathTooShort

    /// More hashes than the shape of the tree allows.
    case pathTooLong

    /// The proof leads to another root than the (newer) tree head's.
    case rootMismatch(computed: LogHash)

    /// The proof leads to the newer root, but the older head is not a prefix of it: history was rewritten.
    case oldRootMismatch(computed: LogHash)
}

/// The walk from a node to the root that both verification algorithms of RFC 9162 share (`fn` and `sn` there).
struct Climb {
    enum Side { case siblingOnLeft, siblingOnRight }

    private var node: UInt64
    private var last: UInt64

    init(leaf: UInt64, last: UInt64) {
        node = leaf
        self.last = last
    }

    /// Skips the levels on which the node is a right child: the start of a consistency proof.
    mutating func skipRightChildren() {
        while node & 1 == 1 {
            node >>= 1
            last >>= 1
        }
    }

    /// Where the next hash of the path stands; moves one level up, over levels without a sibling.
    mutating func step() throws(ProofVerificationFault) -> Side {
        guard last > 0 else { throw .pathTooLong }
        let side: Side
        if node & 1 == 1 || node == last {
            side = .siblingOnLeft
            while node & 1 == 0 && node != 0 {
                node >>= 1
                last >>= 1
            }
        } else {
            side = .siblingOnRight
        }
        node >>= 1
        last >>= 1
        return side
    }

    var isAtRoot: Bool { last == 0 }
}

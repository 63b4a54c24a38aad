import Synchronization
import TransparencyLog

/// The recursive definitions of RFC 6962 section 2.1, word for word and slow: what the fast code is compared with.
final class ReferenceTree: Sendable {
    let leaves: [LogHash]
    private let known = Mutex<[Range<Int>: LogHash]>([:])

    init(leaves: [LogHash]) {
        self.leaves = leaves
    }

    /// A tree over entries that are their own decimal index.
    convenience init(size: Int) {
        self.init(leaves: (0..<size).map { MerkleHashing.leaf(Array("\($0)".utf8)) })
    }

    /// MTH(D[range])
    func root(_ range: Range<Int>) -> LogHash {
        if let root = known.withLock({ $0[range] }) { return root }
        let root: LogHash
        switch range.count {
        case 0: root = MerkleHashing.emptyRoot
        case 1: root = leaves[range.lowerBound]
        default:
            let middle = range.lowerBound + Self.split(range.count)
            root = MerkleHashing.node(self.root(range.lowerBound..<middle), self.root(middle..<range.upperBound))
        }
        known.withLock { $0[range] = root }
        return root
    }

    func head(_ size: Int) -> TreeHead {
        TreeHead(size: UInt64(size), root: root(0..<size))
    }

    /// PATH(m, D[range]), m counted from the start of the range.
    func path(_ leaf: Int, _ range: Range<Int>) -> [LogHash] {
        guard range.count > 1 else { return [] }
        let split = Self.split(range.count)
        let middle = range.lowerBound + split
        if leaf < split {
            return path(leaf, range.lowerBound..<middle) + [root(middle..<range.upperBound)]
        }
        return path(leaf - split, middle..<range.upperBound) + [root(range.lowerBound..<middle)]
    }

    /// PROOF(m, D[0:n]) = SUBPROOF(m, D[0:n], true)
    func proof(_ old: Int, _ new: Int) -> [LogHash] {
        old == 0 ? [] : subproof(old, 0..<new, true)
    }

    private func subproof(_ old: Int, _ range: Range<Int>, _ isWhole: Bool) -> [LogHash] {
        if old == range.count { return isWhole ? [] : [root(range)] }
        let split = Self.split(range.count)
        let middle = range.lowerBound + split
        if old <= split {
            return subproof(old, range.lowerBound..<middle, isWhole) + [root(middle..<range.upperBound)]
        }
        return subproof(old - split, middle..<range.upperBound, false) + [root(range.lowerBound..<middle)]
    }

    private static func split(_ count: Int) -> Int {
        var power = 1
        while power * 2 < count { power *= 2 }
        return power
    }
}

import Crypto
public import OCI

/// The Merkle tree of the existing tool's manifests.
///
/// Leaves are tensor digests as they are, a parent is SHA-256 of its children, and the last node of an odd level is
/// paired with itself. Leaves and nodes are not told apart, so this root proves less than that of RFC 6962: it is kept
/// for compatibility, and a comparison never rests on it alone.
public enum TensorMerkleTree {
    /// - Returns: 64 lowercase hexadecimal digits, the only leaf's own if there is one, nothing if there is none.
    public static func root(_ leaves: [OCI.Digest]) -> String {
        var level = leaves.map(\.bytes)
        while level.count > 1 {
            level = stride(from: 0, to: level.count, by: 2).map { index in
                let right = index + 1 < level.count ? index + 1 : index
                return Array(SHA256.hash(data: level[index] + level[right]))
            }
        }
        return level.first.map(Hexadecimal.text) ?? ""
    }
}

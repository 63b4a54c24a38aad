import Testing
import TransparencyLog

/// The leaf inputs and hashes that Certificate Transparency implementations share.
enum CTReference {
    static let inputs = [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    ].map(bytes(hex:))

    static let leaves = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
        "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658",
        "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        "46f6ffadd3d06a09ff3c5860d2755c8b9819db7df44251788c7d8e3180de8eb1",
    ].map(hash(_:))

    /// By tree size, from 0.
    static let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ].map(hash(_:))
}

@Suite("Merkle hashing")
struct MerkleHashingTests {
    @Test("Leaf hashes are those of the Certificate Transparency reference tree")
    func leaves() {
        #expect(CTReference.inputs.map { MerkleHashing.leaf($0) } == CTReference.leaves)
    }

    @Test("A node is hashed with another prefix than a leaf of the same bytes")
    func nodeIsNoLeaf() {
        let left = CTReference.leaves[0]
        let right = CTReference.leaves[1]
        let parent = hash("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")
        #expect(MerkleHashing.node(left, right) == parent)
        #expect(MerkleHashing.leaf(left.bytes + right.bytes) != MerkleHashing.node(left, right))
        #expect(MerkleHashing.node(left, right) != MerkleHashing.node(right, left))
    }

    @Test("Folding a row of subtrees gives the reference roots", arguments: 0...8)
    func rowRoots(size: Int) {
        #expect(MerkleHashing.root(of: Array(CTReference.leaves.prefix(size))) == CTReference.roots[size])
    }

    @Test("A frontier fed with the reference leaves passes through the reference roots")
    func frontierRoots() {
        var frontier = TreeFrontier()
        #expect(frontier.root == CTReference.roots[0])
        for (index, leaf) in CTReference.leaves.enumerated() {
            _ = frontier.append(leaf)
            #expect(frontier.head == TreeHead(size: UInt64(index + 1), root: CTReference.roots[index + 1]))
        }
    }

    @Test("The empty head is the SHA-256 of nothing")
    func emptyHead() {
        #expect(TreeHead.empty == TreeHead(size: 0, root: CTReference.roots[0]))
    }
}

@Suite("Log hash")
struct LogHashTests {
    @Test("Bytes, base64 and hexadecimal say the same")
    func forms() {
        let sample = CTReference.leaves[3]
        #expect(LogHash(sample.bytes) == sample)
        #expect(LogHash(base64: sample.base64) == sample)
        #expect(sample.description == "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7")
        #expect(sample.base64 == "B1Bqhf2d0vEg62lPhgEeW7RmLlxBWmKRcDPUqWJEh+c=")
    }

    @Test("Only 32 bytes make a hash", arguments: [0, 1, 31, 33, 64])
    func length(count: Int) {
        #expect(LogHash([UInt8](repeating: 7, count: count)) == nil)
    }

    @Test(
        "Base64 is read strictly",
        arguments: [
            "",
            "B1Bqhf2d0vEg62lPhgEeW7RmLlxBWmKRcDPUqWJEh+c",  // padding missing
            "B1Bqhf2d0vEg62lPhgEeW7RmLlxBWmKRcDPUqWJEh+d=",  // bits set below the last byte
            "B1Bqhf2d0vEg62lPhgEeW7RmLlxBWmKRcDPUqWJEh-c=",  // the alphabet for URLs
            "B1Bqhf2d0vEg62lPhgEeW7RmLlxBWmKRcDPUqWJEh+==",  // 31 bytes
            "B1Bqhf2d0vEg62lPhgEeW7RmLlxBWmKRcDPUqWJEh+c\n",
            "=1Bqhf2d0vEg62lPhgEeW7RmLlxBWmKRcDPUqWJEh+cA",
        ])
    func strictBase64(text: String) {
        #expect(LogHash(base64: text) == nil)
    }
}

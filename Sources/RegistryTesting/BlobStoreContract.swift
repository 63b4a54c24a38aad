import OCI
public import RegistryPorts
public import Testing

/// What every `BlobStore` does under either algorithm, as tests that run over any of them.
///
/// Each clause gets an empty store of its own, as those of `MetadataStoreContract`.
public enum BlobStoreContract {
    public struct Clause: Sendable, CustomTestStringConvertible {
        /// A sentence that is true of every store.
        public let testDescription: String
        public let check: @Sendable (any BlobStore) async throws -> Void

        init(_ sentence: String, _ check: @escaping @Sendable (any BlobStore) async throws -> Void) {
            testDescription = sentence
            self.check = check
        }
    }

    public static let clauses: [Clause] = [
        Clause("A blob is found under the digest that it was kept as, and under no other") { store in
            for algorithm in Digest.Algorithm.allCases {
                let bytes = Array("\(algorithm)".utf8)
                let digest = try Digest(algorithm, hashing: bytes)
                let kept = try await store.keep(store.stage(bytes), expecting: digest, hashing: [], progress: nil)
                #expect(kept.digest == digest)
                #expect(kept.sizeBytes == UInt64(bytes.count))
                #expect(try await store.identity(of: digest) == kept.identity)
                let opened = try #require(try await store.open(digest))
                #expect(opened.identity == kept.identity)
                #expect(try opened.readAll() == bytes)
                for other in Digest.Algorithm.allCases where other != algorithm {
                    let twin = try Digest(other, hashing: bytes)
                    #expect(try await store.open(twin) == nil)
                    #expect(try await store.identity(of: twin) == nil)
                }
            }
        },
        Clause("Bytes in memory are kept as those that were staged, and once") { store in
            for algorithm in Digest.Algorithm.allCases {
                for count in [0, 1, 65_536] {
                    let bytes = [UInt8](repeating: 7, count: count)
                    let digest = try Digest(algorithm, hashing: bytes)
                    let kept = try await store.keep(bytes, as: digest)
                    #expect(kept.digest == digest)
                    #expect(kept.rangeDigests.isEmpty)
                    #expect(try await store.open(digest)?.readAll() == bytes)
                    #expect(try await store.keep(bytes, as: digest) == kept)
                    let staged = try await store.stage(bytes)
                    #expect(try await store.keep(staged, expecting: digest, hashing: [], progress: nil) == kept)
                }
            }
            #expect(try await store.blobs(after: nil, limit: 100).count == 6)
        },
        Clause("A receipt is beside the blob that it came with, and changes nothing about it") { store in
            for algorithm in Digest.Algorithm.allCases {
                let digest = try Digest(algorithm, hashing: [1, 2])
                #expect(try await store.receipt(of: digest) == nil)
                let receipt = [UInt8](repeating: 9, count: 40)
                let kept = try await store.keep([1, 2], as: digest, receipt: receipt)
                #expect(try await store.identity(of: digest) == kept.identity)
                #expect(try await store.open(digest)?.readAll() == [1, 2])
                // A store that keeps none says so.
                #expect(try await store.receipt(of: digest) == (kept.carriesReceipt ? receipt : nil))
                let again = try await store.keep([1, 2], as: digest, receipt: [7])
                #expect(!again.carriesReceipt)
                #expect(again.identity == kept.identity)
                let plain = try Digest(algorithm, hashing: [3])
                #expect(try await !store.keep([3], as: plain).carriesReceipt)
                #expect(try await store.receipt(of: plain) == nil)
                try await store.remove(digest)
                #expect(try await store.receipt(of: digest) == nil)
            }
        },
        Clause("Bytes that are others than announced are not kept") { store in
            for algorithm in Digest.Algorithm.allCases {
                let (announced, actual) = (try Digest(algorithm, hashing: [1]), try Digest(algorithm, hashing: [2]))
                await #expect(throws: StorageFault.digestMismatch(actual: actual)) {
                    try await store.keep([2], as: announced)
                }
                await #expect(throws: StorageFault.digestMismatch(actual: actual)) {
                    try await store.keep(store.stage([2]), expecting: announced, hashing: [], progress: nil)
                }
                #expect(try await store.open(announced) == nil)
                #expect(try await store.open(actual) == nil)
            }
            #expect(try await store.blobs(after: nil, limit: 1).isEmpty)
        },
        Clause("Parts are hashed with SHA-256, whatever the whole is hashed with") { store in
            let bytes = [UInt8](0...255)
            for algorithm in Digest.Algorithm.allCases {
                let digest = try Digest(algorithm, hashing: bytes)
                let parts: [Digest] = [try Digest(hashing: bytes), try Digest(hashing: Array(bytes[5..<9]))]
                let kept = try await store.keep(
                    store.stage(bytes), expecting: digest, hashing: [0..<256, 5..<9], progress: nil)
                #expect(kept.digest == digest)
                #expect(kept.rangeDigests == parts)
                let check = try await store.verify(
                    digest, sizeBytes: 256, hashing: [0..<256, 5..<9], pace: .full, progress: nil)
                #expect(check == .intact(identity: kept.identity, rangeDigests: parts))
            }
        },
        Clause("Lists hold the blobs of all algorithms in the order of digests, and go on behind any of them") {
            store in
            var all: [Digest] = []
            for algorithm in Digest.Algorithm.allCases {
                for byte in UInt8(0)..<40 {
                    all.append(try await store.keep([byte], as: Digest(algorithm, hashing: [byte])).digest)
                }
            }
            all.sort()
            #expect(try await store.blobs(after: nil, limit: 1_000).map(\.digest) == all)
            for pageSize in [1, 7, 39, 40, 41] {
                var listed: [Digest] = []
                while true {
                    let page = try await store.blobs(after: listed.last, limit: pageSize)
                    listed += page.map(\.digest)
                    if page.count < pageSize { break }
                }
                #expect(listed == all, "\(pageSize)")
            }
        },
        Clause("A removed blob is gone, and removing it again is no error") { store in
            for algorithm in Digest.Algorithm.allCases {
                let digest = try await store.keep([1], as: Digest(algorithm, hashing: [1])).digest
                try await store.remove(digest)
                try await store.remove(digest)
                #expect(try await store.identity(of: digest) == nil)
                try await store.remove(try Digest(algorithm, hashing: [2]))
            }
            #expect(try await store.blobs(after: nil, limit: 1).isEmpty)
        },
        Clause("What was never kept is missing under either algorithm") { store in
            for algorithm in Digest.Algorithm.allCases {
                let digest = try Digest(algorithm, hashing: [1])
                let check = try await store.verify(digest, sizeBytes: 1, hashing: [], pace: .full, progress: nil)
                #expect(check == .missing)
            }
        },
    ]
}

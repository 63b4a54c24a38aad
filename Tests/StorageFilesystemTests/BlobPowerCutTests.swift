import FileTestSupport
import LinuxFiles
import OCI
import RegistryCore
import RegistryPorts
import RegistryTesting
import StorageFilesystem
import Testing

@Suite(
    "Small blobs and the power", .serialized,
    .enabled(if: CuttableDisk.isPossible, "only root, with mkfs.ext4 and a loop device, may cut a disk's power"))
struct BlobPowerCutTests {
    private static let rounds = 12
    private static let writers = 4

    private static func bytes(_ round: Int, _ writer: Int, _ number: Int) -> [UInt8] {
        patternedBytes(1 + (round * 7_919 + writer * 131 + number * 977) % 60_000)
            + Array("\(round) \(writer) \(number)".utf8)
    }

    @Test(
        "What was kept before the power went is there with its name, its bytes and its receipt",
        arguments: [DiskKind.ext4, .xfs])
    func cuts(kind: DiskKind) async throws {
        let scratch = try ScratchDirectory()
        try await withCuttableDisk(at: scratch.path, bytes: 400 << 20, kind) { disk in
            var told: [Digest: [UInt8]] = [:]
            for round in 0..<Self.rounds {
                for (digest, bytes) in try await Self.load(disk, round) { told[digest] = bytes }
                try disk.restart()
                try await Self.check(told, scratch)
            }
            #expect(told.count > Self.rounds * 10)
        }
    }

    @Test(
        "A view of a blob that was just kept shows it after the power went", arguments: [DiskKind.ext4, .xfs])
    func views(kind: DiskKind) async throws {
        let scratch = try ScratchDirectory()
        try await withCuttableDisk(at: scratch.path, bytes: 400 << 20, kind) { disk in
            for round in 0..<4 {
                let names = try await Self.publish(disk, round)
                try disk.restart()
                for (name, bytes) in names {
                    let file = try Directory(path: scratch.path).openFile("trusted/\(name)/file")
                    #expect(try file.readAll(bytesMax: bytes.count) == bytes, "\(name)")
                }
            }
        }
    }

    /// Keeps blobs, makes a view of each at once, and cuts the power.
    private static func publish(_ disk: CuttableDisk, _ round: Int) async throws -> [String: [UInt8]] {
        let store = try FilesystemStore(path: disk.path)
        defer { store.close() }
        let blobs = try FilesystemBlobStore(store, readers: writers, backgroundBytesPerSecond: 0)
        let views = try FilesystemViews(store)
        var names: [String: [UInt8]] = [:]
        for number in 0..<8 {
            let bytes = Self.bytes(round, 0, number)
            let digest = try Digest(hashing: bytes)
            _ = try await blobs.keep(bytes, as: digest, receipt: receipt(digest))
            let name = "round-\(round)-\(number)"
            let file = ViewedFile(path: try RelativePath(parsing: "file"), digest: digest)
            try await views.publish(ArtifactName(parsing: name), files: [file])
            names[name] = bytes
        }
        try disk.cutPower()
        return names
    }

    /// Keeps blobs from several tasks until the power goes.
    ///
    /// - Returns: what was kept before.
    private static func load(_ disk: CuttableDisk, _ round: Int) async throws -> [Digest: [UInt8]] {
        let store = try FilesystemStore(path: disk.path)
        defer { store.close() }
        let blobs = try FilesystemBlobStore(store, readers: writers, backgroundBytesPerSecond: 0)
        let kept = Shared<[Digest: [UInt8]]>([:])
        let power = Shared(true)
        let limit = 10 + round * 3
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    for number in 0..<10_000 where power.value {
                        let bytes = Self.bytes(round, writer, number)
                        let digest = try Digest(hashing: bytes)
                        guard (try? await blobs.keep(bytes, as: digest, receipt: Self.receipt(digest))) != nil else {
                            return
                        }
                        guard power.value else { return }
                        kept.change { $0[digest] = bytes }
                    }
                }
            }
            group.addTask {
                while kept.value.count < limit { try await Task.sleep(for: .milliseconds(1)) }
                power.change { $0 = false }
                try disk.cutPower()
            }
            try await group.waitForAll()
        }
        return kept.value
    }

    private static func receipt(_ digest: Digest) -> [UInt8] { Array(digest.bytes.prefix(30)) + [1, 2] }

    private static func check(_ told: [Digest: [UInt8]], _ scratch: ScratchDirectory) async throws {
        let store = try FilesystemStore(path: scratch.path)
        defer { store.close() }
        let blobs = try FilesystemBlobStore(store, readers: 2, backgroundBytesPerSecond: 0)
        for (digest, bytes) in told {
            let opened = try await blobs.open(digest)
            #expect(try opened?.read(0..<UInt64(bytes.count)) == bytes, "\(digest)")
            #expect(try await blobs.receipt(of: digest) == receipt(digest), "\(digest)")
        }
        // What came too late may be there in part; it is put right when it comes again.
        for blob in try await blobs.blobs(after: nil, limit: 1_000) where told[blob.digest] == nil {
            let check = try await blobs.verify(
                blob.digest, sizeBytes: blob.sizeBytes, hashing: [], pace: .full, progress: nil)
            if case .intact = check { continue }
            try await blobs.remove(blob.digest)
        }
    }
}

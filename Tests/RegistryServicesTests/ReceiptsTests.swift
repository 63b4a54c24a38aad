import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import Testing

@Suite("Receipts of small blobs")
struct ReceiptsTests {
    private static let caller = TestRegistry.caller
    private static let layer = [UInt8]("a layer".utf8)
    private static let config = [UInt8]("{}".utf8)

    private let repository: RepositoryKey
    private let digest: Digest

    init() throws {
        repository = try TestRegistry.repository("team/a")
        digest = try Digest(hashing: Self.layer)
    }

    private func receive(_ bytes: [UInt8], _ registry: TestRegistry, in name: String = "team/a") async throws {
        try await registry.distribution.uploads.receive(
            bytes, as: try Digest(hashing: bytes), in: try TestRegistry.repository(name), Self.caller)
    }

    /// A manifest of the layer; the config is received, too.
    private func manifest(_ registry: TestRegistry) async throws -> [UInt8] {
        try await receive(Self.config, registry)
        let layer = Descriptor(mediaType: ModelPack.layer(.weight), digest: digest, size: UInt64(Self.layer.count))
        return Manifest(artifactType: ModelPack.artifactType, config: .empty, layers: [layer], subject: nil).encoded()
    }

    private func isWrittenDown(_ registry: TestRegistry) async throws -> Bool {
        try await registry.store.hasBlob(digest, in: repository, receivedSince: .earliest)
    }

    private func isReadable(_ registry: TestRegistry, in name: String = "team/a") async throws -> Bool {
        do {
            _ = try await registry.distribution.repositories.blob(
                digest, in: try TestRegistry.repository(name), .review(Self.caller))
            return true
        } catch let error as RegistryError where error.code == .blobNotFound || error.code == .artifactNotFound {
            return false
        }
    }

    /// The next process over what the one before left, a moment later.
    private func restart(_ world: TestWorld, seconds: Int64 = 1) async throws -> TestRegistry {
        world.clock.advance(seconds: seconds)
        return try await TestRegistry(world)
    }

    @Test("A small blob is there before its row is, and the manifest that names it brings that along")
    func withManifest() async throws {
        let registry = try await TestRegistry(try TestWorld())
        try await receive(Self.layer, registry)
        #expect(try await !isWrittenDown(registry))
        #expect(try await isReadable(registry))
        #expect(try await !isReadable(registry, in: "team/b"))
        let bytes = try await manifest(registry)
        #expect(try await registry.publish(bytes, in: "team/a", tags: ["v1"]).isNew)
        #expect(try await isWrittenDown(registry))
        #expect(try await registry.store.wasReceived(digest, since: .earliest))
        #expect(!registry.ledger.receipts.isAnyWaiting)
        #expect(!registry.ledger.receipts.has(digest))
    }

    @Test("Receipts are written down when nothing else comes")
    func alone() async throws {
        let registry = try await TestRegistry(try TestWorld())
        try await receive(Self.layer, registry)
        try await registry.ledger.writeReceipts()
        #expect(try await isWrittenDown(registry))
        #expect(!registry.ledger.receipts.has(digest))
    }

    @Test("What a process did not write down is found beside the blob by the next, for its repository alone")
    func leftBehind() async throws {
        let world = try TestWorld()
        let first = try await TestRegistry(world)
        let bytes = try await manifest(first)
        try await receive(Self.layer, first)
        let second = try await restart(world)
        #expect(try await !isReadable(second, in: "team/b"))
        await expectError(.manifestBlobUnknown) { try await second.publish(bytes, in: "team/b") }
        #expect(try await second.publish(bytes, in: "team/a").isNew)
        #expect(try await isWrittenDown(second))
        // Also by whoever only looks.
        let other = try TestWorld()
        try await receive(Self.layer, try await TestRegistry(other))
        let next = try await restart(other)
        #expect(try await isReadable(next))
        try await next.ledger.writeReceipts()
        #expect(try await isWrittenDown(next))
    }

    @Test("A receipt that somebody else wrote, or moved to another blob, counts for nothing")
    func forged() async throws {
        let world = try TestWorld()
        let first = try await TestRegistry(world)
        try await receive(Self.layer, first)
        try await receive([1, 2, 3], first)
        let foreign = try #require(try await world.blobs.receipt(of: try Digest(hashing: [1, 2, 3])))
        let own = try #require(try await world.blobs.receipt(of: digest))
        var edited = own
        edited[own.count - 1] ^= 1
        for receipt in [foreign, edited, [], [UInt8](own.prefix(8)), [UInt8](repeating: 0xff, count: 40)] {
            world.blobs.putReceipt(receipt, beside: digest)
            #expect(try await !isReadable(try await restart(world)))
        }
        world.blobs.putReceipt(own, beside: digest)
        #expect(try await isReadable(try await restart(world)))
    }

    @Test("A receipt without its bytes, as a power cut may leave it, is not believed, and the bytes can come again")
    func torn() async throws {
        let world = try TestWorld()
        try await receive(Self.layer, try await TestRegistry(world))
        world.blobs.truncate(digest)
        let registry = try await restart(world)
        #expect(try await !isReadable(registry))
        let bytes = try await manifest(registry)
        await #expect(throws: RegistryError.self) { try await registry.publish(bytes, in: "team/a") }
    }

    @Test("Collection leaves what waits, and what a process left behind, for as long as bytes may wait")
    func collection() async throws {
        let world = try TestWorld()
        let first = try await TestRegistry(world)
        try await receive(Self.layer, first)
        #expect(try await first.collection(idleSeconds: 0).collect(isRehearsal: false).blobs == 0)
        let second = try await restart(world, seconds: 10)
        #expect(try await second.collection(idleSeconds: 60).collect(isRehearsal: false).blobs == 0)
        #expect(world.blobs.contains(digest))
        #expect(try await second.collection(idleSeconds: 5).collect(isRehearsal: false).blobs == 1)
        #expect(!world.blobs.contains(digest))
    }

    @Test("What was taken out of a repository does not come back with its receipt")
    func removed() async throws {
        let world = try TestWorld()
        let first = try await TestRegistry(world)
        try await receive(Self.layer, first)
        try await first.distribution.removal.removeBlob(digest, from: repository, Self.caller)
        #expect(try await !isReadable(first))
        // One that was left behind.
        let other = try TestWorld()
        try await receive(Self.layer, try await TestRegistry(other))
        let second = try await restart(other)
        try await second.distribution.removal.removeBlob(digest, from: repository, Self.caller)
        #expect(try await !isReadable(second))
        await expectError(.blobNotFound) {
            try await second.distribution.removal.removeBlob(digest, from: repository, Self.caller)
        }
        try await receive(Self.layer, second)
        #expect(try await isReadable(second))
    }

    @Test("A receipt older than the last that was committed is not left behind")
    func longSince() async throws {
        let world = try TestWorld()
        let first = try await TestRegistry(world)
        try await receive(Self.layer, first)
        try await first.distribution.removal.removeBlob(digest, from: repository, Self.caller)
        world.clock.advance(seconds: 120)
        try await first.push([7, 7], to: "team/b")
        #expect(try await !isReadable(try await restart(world)))
    }

    @Test("A change that fails leaves the receipts that it took to the next")
    func givenBack() async throws {
        let registry = try await TestRegistry(try TestWorld())
        try await receive(Self.layer, registry)
        await #expect(throws: RegistryError.self) {
            try await registry.ledger.write(Self.caller, withReceipts: true) { _ in
                throw RegistryError(.tagImmutable, "No.")
            }
        }
        #expect(registry.ledger.receipts.has(digest))
        #expect(try await !isWrittenDown(registry))
        try await registry.ledger.writeReceipts()
        #expect(try await isWrittenDown(registry))
    }

    @Test("Where the blob was here, or the repository has a quota, the row is written at once")
    func atOnce() async throws {
        let registry = try await TestRegistry(try TestWorld())
        try await receive(Self.layer, registry, in: "team/b")
        try await receive(Self.layer, registry)
        #expect(try await isWrittenDown(registry))
        let bounded = try await TestRegistry(try TestWorld(), quotas: ["team/*=1000"])
        try await receive(Self.layer, bounded)
        #expect(try await isWrittenDown(bounded))
    }

    @Test("A newer receipt of the same blob outlives the change that wrote the older one")
    func newer() throws {
        let receipts = Receipts(
            sealer: RecordSealer(key: [UInt8](repeating: 1, count: 32)), newestEvent: .earliest, start: .earliest)
        func receipt(_ milliseconds: Int64) -> Receipt {
            Receipt(blob: digest, repository: repository, time: Timestamp(clamping: milliseconds))
        }
        let (old, new) = (receipt(1_000), receipt(2_000))
        #expect(receipts.add(old, at: old.time))
        let taken = receipts.take()
        #expect(taken == [old])
        #expect(receipts.take().isEmpty)
        #expect(receipts.add(new, at: new.time))
        receipts.settle(taken)
        #expect(receipts.has(digest, in: repository, since: new.time))
        #expect(receipts.take() == [new])
        receipts.giveBack([new])
        #expect(receipts.take() == [new])
        receipts.settle([new])
        #expect(!receipts.has(digest))
        #expect(!receipts.isAnyWaiting)
    }

    @Test("A receipt that took too long, or finds no room, is not taken")
    func refused() throws {
        let receipts = Receipts(
            sealer: RecordSealer(key: [UInt8](repeating: 1, count: 32)), newestEvent: .earliest, start: .earliest)
        let slow = Receipt(blob: digest, repository: repository, time: Timestamp(clamping: 0))
        #expect(!receipts.add(slow, at: Timestamp(clamping: 30_001)))
        #expect(receipts.add(slow, at: Timestamp(clamping: 30_000)))
        for number in 0..<20_000 {
            let other = try Digest(hashing: Array("\(number)".utf8))
            let time = Timestamp(clamping: 0)
            guard receipts.add(Receipt(blob: other, repository: repository, time: time), at: time) else {
                #expect(!receipts.hasRoom())
                return
            }
        }
        Issue.record("Receipts wait without end.")
    }
}

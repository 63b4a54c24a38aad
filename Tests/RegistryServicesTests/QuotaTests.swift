import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StrictJSON
import Testing

@Suite("Quotas of repositories")
struct QuotaTests {
    private let caller = TestRegistry.caller

    private func receive(_ count: Int, _ seed: UInt8, _ name: String, _ registry: TestRegistry) async throws -> Digest {
        let bytes = [UInt8](repeating: seed, count: count)
        let digest = try Digest(.sha256, hashing: bytes)
        try await registry.distribution.uploads.receive(
            bytes, as: digest, in: TestRegistry.repository(name), caller)
        return digest
    }

    @Test("A repository holds as many bytes as it may and not one more, each blob counted once")
    func limit() async throws {
        let registry = try await TestRegistry(try TestWorld(), quotas: ["team/*=100"])
        _ = try await receive(60, 1, "team/a", registry)
        _ = try await receive(60, 1, "team/a", registry)
        _ = try await receive(40, 2, "team/a", registry)
        _ = try await receive(0, 3, "team/a", registry)
        let error = await expectError(.quotaExceeded) { try await receive(1, 4, "team/a", registry) }
        #expect(error?.detail["held_bytes"]?.asNumber?.uint64 == 100)
        #expect(error?.detail["more_bytes"]?.asNumber?.uint64 == 1)
        _ = try await receive(100, 5, "team/b", registry)
        _ = try await receive(1_000, 6, "other", registry)
    }

    @Test("An upload that was announced as too long is refused before it is sent, one that was not when it ends")
    func uploads() async throws {
        let registry = try await TestRegistry(try TestWorld(), quotas: ["team/a=100"])
        let (uploads, key) = (registry.distribution.uploads, try TestRegistry.repository("team/a"))
        let session = try await uploads.begin(in: key, hashing: .sha256, caller)
        await expectError(.quotaExceeded) {
            try await uploads.resume(session, in: key, at: 0, expecting: 101, endingAs: nil, caller)
        }
        let bytes = [UInt8](repeating: 9, count: 101)
        let writer = try await uploads.resume(session, in: key, at: 0, expecting: nil, endingAs: nil, caller)
        try await writer.append(bytes[...])
        let digest = try Digest(.sha256, hashing: bytes)
        await expectError(.quotaExceeded) {
            try await uploads.finish(writer, as: digest, in: key, caller)
        }
        #expect(!registry.world.blobs.contains(digest))
        #expect(try await !registry.store.hasBlob(digest, in: key, receivedSince: .earliest))
    }

    @Test("What a full repository has already may be sent again, whole or as an upload whose end is known")
    func again() async throws {
        let registry = try await TestRegistry(try TestWorld(), quotas: ["team/a=100"])
        let (uploads, key) = (registry.distribution.uploads, try TestRegistry.repository("team/a"))
        let digest = try await receive(100, 1, "team/a", registry)
        let session = try await uploads.begin(in: key, hashing: .sha256, caller)
        let other = try Digest(.sha256, hashing: [2])
        await expectError(.quotaExceeded) {
            try await uploads.resume(session, in: key, at: 0, expecting: 100, endingAs: other, caller)
        }
        let writer = try await uploads.resume(session, in: key, at: 0, expecting: 100, endingAs: digest, caller)
        try await writer.append([UInt8](repeating: 1, count: 100)[...])
        try await uploads.finish(writer, as: digest, in: key, caller)
    }

    @Test("A blob that is mounted counts where it is mounted")
    func mount() async throws {
        let registry = try await TestRegistry(try TestWorld(), quotas: ["team/a=10"])
        let digest = try await receive(11, 1, "team/b", registry)
        let (from, to) = (try TestRegistry.repository("team/b"), try TestRegistry.repository("team/a"))
        await expectError(.quotaExceeded) {
            try await registry.distribution.uploads.mount(digest, from: from, in: to, caller)
        }
        #expect(try await !registry.store.hasBlob(digest, in: to, receivedSince: .earliest))
    }

    @Test("What is deleted makes room at once, and what collection forgot when room is asked for")
    func room() async throws {
        let registry = try await TestRegistry(try TestWorld(), quotas: ["**=100"])
        let key = try TestRegistry.repository("team/a")
        let first = try await receive(100, 1, "team/a", registry)
        await expectError(.quotaExceeded) { try await receive(50, 2, "team/a", registry) }
        try await registry.distribution.removal.removeBlob(first, from: key, caller)
        let second = try await receive(50, 2, "team/a", registry)
        try await registry.store.write { try $0.removeReceived(second, from: key) }
        await expectError(.quotaExceeded) { try await receive(60, 3, "team/a", registry) }
        registry.world.clock.advance(seconds: 11)
        _ = try await receive(60, 3, "team/a", registry)
    }

    @Test("Pushes that come at the same time are not given the same room")
    func together() async throws {
        let registry = try await TestRegistry(try TestWorld(), quotas: ["team/*=1000"])
        let admitted = await withTaskGroup(of: Bool.self) { group in
            for seed in 0..<40 {
                group.addTask { (try? await receive(100, UInt8(seed), "team/a", registry)) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(admitted == 10)
    }

    @Test("The first rule that matches counts, and bytes may have a unit")
    func rules() throws {
        let rules = try QuotaRules(["team/small=1KiB", "team/*=2MiB", "**=3"])
        #expect(rules.bytesMax(of: try RepositoryName(parsing: "team/small")) == 1_024)
        #expect(rules.bytesMax(of: try RepositoryName(parsing: "team/x/y")) == 2 << 20)
        #expect(rules.bytesMax(of: try RepositoryName(parsing: "team")) == 3)
        #expect(QuotaRules.none.bytesMax(of: try RepositoryName(parsing: "team")) == nil)
    }

    @Test(
        "What is no rule is refused",
        arguments: [
            "", "=", "team", "team=", "=1", "team/**=1", "Team=1", "a=-1", "a=1KB", "a=99999999999TiB", "a=1 GiB",
        ])
    func refused(text: String) {
        #expect(throws: RegistryError.self) { try QuotaRules([text]) }
    }
}

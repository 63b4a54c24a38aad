import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StrictJSON
import Synchronization
import Testing

@Suite("Blobs that come in by the OCI door")
struct BlobUploadsTests {
    private let caller = TestRegistry.caller
    private static let bytes = [UInt8]("some bytes of a layer".utf8)

    private func repository(_ name: String = "team/a") throws -> RepositoryKey {
        try TestRegistry.repository(name)
    }

    /// Whether manifests of a repository may name a blob.
    private func has(_ digest: Digest, _ name: String, _ registry: TestRegistry) async throws -> Bool {
        try await registry.store.hasBlob(digest, in: repository(name), receivedSince: .earliest)
    }

    /// Sends bytes in two pieces.
    private func send(_ bytes: [UInt8], as digest: Digest, to name: String, _ registry: TestRegistry) async throws {
        let (uploads, key) = (registry.distribution.uploads, try repository(name))
        let session = try await uploads.begin(in: key, hashing: digest.algorithm, caller)
        let half = bytes.count / 2
        let first = try await uploads.resume(session, in: key, at: 0, expecting: nil, endingAs: nil, caller)
        try await first.append(bytes[..<half])
        try await first.suspend()
        let second = try await uploads.resume(
            session, in: key, at: nil, expecting: UInt64(bytes.count - half), endingAs: digest, caller)
        try await second.append(bytes[half...])
        try await uploads.finish(second, as: digest, in: key, caller)
        await expectError(.uploadNotFound) { try await uploads.offset(of: session, in: key, caller) }
    }

    @Test(
        "What was sent in pieces can be named in its repository and in no other",
        arguments: Digest.Algorithm.allCases)
    func pieces(algorithm: Digest.Algorithm) async throws {
        try await TestRegistry.scenario { registry in
            let digest = try Digest(algorithm, hashing: Self.bytes)
            try await send(Self.bytes, as: digest, to: "team/a", registry)
            #expect(registry.world.blobs.contains(digest))
            #expect(try await has(digest, "team/a", registry))
            #expect(try await !has(digest, "team/b", registry))
            #expect(registry.world.uploads.count == 0)
            #expect(registry.world.blobs.reads(of: digest) == 0)
        }
    }

    @Test("A few bytes are kept without a session", arguments: Digest.Algorithm.allCases)
    func small(algorithm: Digest.Algorithm) async throws {
        try await TestRegistry.scenario { registry in
            for bytes in [[], [1], Self.bytes] {
                let digest = try Digest(algorithm, hashing: bytes)
                try await registry.distribution.uploads.receive(
                    bytes, as: digest, in: repository(), caller)
                try await registry.ledger.writeReceipts()
                #expect(try await has(digest, "team/a", registry))
            }
            #expect(registry.world.uploads.count == 0)
        }
    }

    @Test("The same bytes once more are kept once, and can be named in both repositories")
    func twice() async throws {
        try await TestRegistry.scenario { registry in
            let digest = try Digest(hashing: Self.bytes)
            let kept = Mutex(0)
            registry.world.blobs.onStep { step, _ in
                if step == .keep { kept.withLock { $0 += 1 } }
            }
            try await send(Self.bytes, as: digest, to: "team/a", registry)
            try await send(Self.bytes, as: digest, to: "team/b", registry)
            #expect(kept.withLock { $0 } == 1)
            // Somebody touched the file: it is not believed without a look.
            registry.world.blobs.damage(digest)
            try await send(Self.bytes, as: digest, to: "team/c", registry)
            #expect(kept.withLock { $0 } == 2)
            for name in ["team/a", "team/b", "team/c"] { #expect(try await has(digest, name, registry)) }
        }
    }

    @Test("Bytes that hash to something else end their session, and nothing is kept of them")
    func mismatch() async throws {
        try await TestRegistry.scenario { registry in
            let cases: [(Digest.Algorithm, Bool)] = [
                (.sha256, true), (.sha256, false), (.sha512, true), (.sha512, false),
            ]
            for (claimed, isSmall) in cases {
                let digest = try Digest(claimed, hashing: [1, 2, 3])
                let error = await expectError(.digestMismatch) {
                    if isSmall {
                        try await registry.distribution.uploads.receive(
                            Self.bytes, as: digest, in: repository(), caller)
                    } else {
                        try await send(Self.bytes, as: digest, to: "team/a", registry)
                    }
                }
                let actual = try Digest(claimed, hashing: Self.bytes)
                #expect(error?.detail["actual"]?.asString == actual.hex)
                #expect(try await !has(digest, "team/a", registry))
                #expect(try await !has(actual, "team/a", registry))
            }
            #expect(registry.world.blobs.count == 0)
            #expect(registry.world.uploads.count == 0)
        }
    }

    @Test("A session stands where its bytes end, goes on there alone, and for one connection at a time")
    func offsets() async throws {
        try await TestRegistry.scenario { registry in
            let (uploads, key) = (registry.distribution.uploads, try repository())
            let session = try await uploads.begin(in: key, hashing: .sha256, caller)
            #expect(try await uploads.offset(of: session, in: key, caller) == 0)
            let writer = try await uploads.resume(session, in: key, at: 0, expecting: nil, endingAs: nil, caller)
            try await writer.append([1, 2, 3])
            await expectError(.concurrentChange) {
                try await uploads.resume(session, in: key, at: nil, expecting: nil, endingAs: nil, caller)
            }
            await expectError(.concurrentChange) { try await uploads.cancel(session, in: key, caller) }
            try await writer.suspend()
            for offset in [UInt64(0), 2, 4, .max] {
                let error = await expectError(.uploadOffsetMismatch) {
                    try await uploads.resume(session, in: key, at: offset, expecting: 1, endingAs: nil, caller)
                }
                #expect(error?.detail["offset"]?.asNumber?.uint64 == 3)
            }
            let again = try await uploads.resume(session, in: key, at: 3, expecting: .max, endingAs: nil, caller)
            #expect(await again.offset == 3)
        }
    }

    @Test("A session is there for nobody but who began it")
    func othersSessions() async throws {
        try await TestRegistry.scenario { registry in
            let (uploads, key) = (registry.distribution.uploads, try repository())
            let (mine, theirs) = (try TestRegistry.credential("ci"), try TestRegistry.credential("ci2"))
            let session = try await uploads.begin(in: key, hashing: .sha256, mine)
            for other in [theirs, caller] {
                await expectError(.uploadNotFound) { try await uploads.offset(of: session, in: key, other) }
                await expectError(.uploadNotFound) {
                    try await uploads.resume(session, in: key, at: nil, expecting: nil, endingAs: nil, other)
                }
                await expectError(.uploadNotFound) { try await uploads.cancel(session, in: key, other) }
            }
            // Another request of the same credential goes on.
            let again = Caller(actor: mine.actor, requestID: "another")
            let writer = try await uploads.resume(session, in: key, at: 0, expecting: nil, endingAs: nil, again)
            try await writer.append(Self.bytes)
            let digest = try Digest(hashing: Self.bytes)
            try await uploads.finish(writer, as: digest, in: key, again)
            #expect(try await has(digest, "team/a", registry))
        }
    }

    @Test("A session means nothing in another repository, and nothing once it was given up or expired")
    func unknownSessions() async throws {
        try await TestRegistry.scenario { registry in
            let (uploads, key, other) = (registry.distribution.uploads, try repository(), try repository("team/b"))
            let session = try await uploads.begin(in: key, hashing: .sha256, caller)
            await expectError(.uploadNotFound) { try await uploads.offset(of: session, in: other, caller) }
            await expectError(.uploadNotFound) {
                try await uploads.resume(session, in: other, at: 0, expecting: nil, endingAs: nil, caller)
            }
            await expectError(.uploadNotFound) { try await uploads.cancel(session, in: other, caller) }
            #expect(try await uploads.offset(of: session, in: key, caller) == 0)
            try await uploads.cancel(session, in: key, caller)
            await expectError(.uploadNotFound) { try await uploads.offset(of: session, in: key, caller) }
            let idle = try await uploads.begin(in: key, hashing: .sha256, caller)
            #expect(try await registry.world.uploads.discard(idleSince: .latest) == 1)
            await expectError(.uploadNotFound) { try await uploads.offset(of: idle, in: key, caller) }
        }
    }

    @Test(
        "Collection leaves a blob alone from before it is kept until it is written down as received",
        arguments: [true, false])
    func leased(isSmall: Bool) async throws {
        try await TestRegistry.scenario { registry in
            let digest = try Digest(hashing: Self.bytes)
            let collected = Mutex<[UInt64]>([])
            registry.world.blobs.onStep { step, _ in
                guard step == .keep else { return }
                // An earlier attempt left the same bytes.
                _ = try? registry.world.blobs.plant(Self.bytes)
                let collection = registry.collection(idleSeconds: 0)
                let result = try? await collection.collect(isRehearsal: false)
                collected.withLock { $0.append(result?.blobs ?? .max) }
            }
            if isSmall {
                try await registry.distribution.uploads.receive(
                    Self.bytes, as: digest, in: repository(), caller)
            } else {
                try await send(Self.bytes, as: digest, to: "team/a", registry)
            }
            #expect(collected.withLock { $0 } == [0])
            #expect(registry.world.blobs.contains(digest))
        }
    }

    @Test("A full store refuses, and what is there stays readable")
    func full() async throws {
        try await TestRegistry.scenario { registry in
            let digest = try Digest(hashing: Self.bytes)
            registry.world.blobs.limit(toBytes: 3)
            await expectError(.storageFull) {
                try await registry.distribution.uploads.receive(
                    Self.bytes, as: digest, in: repository(), caller)
            }
            await expectError(.storageFull) { try await send(Self.bytes, as: digest, to: "team/a", registry) }
            #expect(try await !has(digest, "team/a", registry))
            registry.world.uploads.fail(.full)
            await expectError(.storageFull) {
                try await registry.distribution.uploads.begin(in: repository(), hashing: .sha256, caller)
            }
        }
    }

    @Test("Nobody builds on a blob whose bytes can be seen and are not durable yet")
    func mountsWait() async throws {
        try await TestRegistry.scenario { registry in
            let (digest, key, other) = (try Digest(hashing: Self.bytes), try repository(), try repository("team/b"))
            let uploads = registry.distribution.uploads
            try await uploads.receive(Self.bytes, as: digest, in: key, TestRegistry.caller)
            registry.world.blobs.lose(digest)
            let mounting = Mutex<Task<Bool, any Error>?>(nil)
            registry.world.blobs.onStep { step, _ in
                guard step == .keep else { return }
                _ = try? registry.world.blobs.plant(Self.bytes)
                let task = Task { try await uploads.mount(digest, from: key, in: other, TestRegistry.caller) }
                mounting.withLock { $0 = task }
                for _ in 0..<1_000 { await Task.yield() }
                let isMounted = try? await registry.store.hasBlob(digest, in: other, receivedSince: .earliest)
                #expect(isMounted == false)
            }
            try await uploads.receive(Self.bytes, as: digest, in: key, TestRegistry.caller)
            #expect(try await mounting.withLock({ $0 })?.value == true)
        }
    }

    @Test("A blob is mounted from a repository that has it, and from whichever has it when none is named")
    func mounts() async throws {
        try await TestRegistry.scenario { registry in
            let digest = try Digest(hashing: Self.bytes)
            let uploads = registry.distribution.uploads
            func mount(_ from: String?, to name: String) async throws -> Bool {
                try await uploads.mount(
                    digest, from: from.map { try repository($0) }, in: repository(name), caller)
            }
            #expect(try await !mount(nil, to: "team/b"))
            #expect(try await !mount("team/a", to: "team/b"))
            // Bytes that nobody received into a repository are nobody's to give.
            _ = try registry.world.blobs.plant(Self.bytes)
            #expect(try await !mount(nil, to: "team/b"))
            try await send(Self.bytes, as: digest, to: "team/a", registry)
            #expect(try await !mount("team/z", to: "team/b"))
            #expect(try await !has(digest, "team/b", registry))
            #expect(try await mount("team/a", to: "team/b"))
            #expect(try await mount(nil, to: "team/c"))
            for name in ["team/b", "team/c"] { #expect(try await has(digest, name, registry)) }
            registry.world.clock.advance(seconds: TestRegistry.receivedSeconds + 1)
            #expect(try await !mount("team/a", to: "team/d"))
            #expect(try await !mount(nil, to: "team/d"))
            registry.world.blobs.lose(digest)
            #expect(try await !mount(nil, to: "team/e"))
        }
    }

    @Test("What a model consists of is mounted too, until its bytes are given up")
    func mountsModels() async throws {
        try await TestRegistry.scenario { registry in
            let digest = try await registry.trust("m", ModelBytes.gguf(seed: 4)).acquisition.content.sha256
            let uploads = registry.distribution.uploads
            #expect(try await uploads.mount(digest, from: nil, in: repository(), caller))
            try await registry.delete("m")
            let other = try repository("team/b")
            #expect(try await uploads.mount(digest, from: nil, in: other, caller))
            registry.world.clock.advance(seconds: TestRegistry.receivedSeconds + 1)
            #expect(try await !uploads.mount(digest, from: nil, in: other, caller))
        }
    }
}

@Suite("Names of uploads")
struct UploadSessionTests {
    @Test("A name reads back as what it was, and no two are the same", arguments: Digest.Algorithm.allCases)
    func roundTrip(algorithm: Digest.Algorithm) throws {
        let entropy = FixedEntropy()
        let sessions = (0..<100).map { _ in UploadSession(entropy, hashing: algorithm) }
        #expect(Set(sessions).count == 100)
        for session in sessions {
            #expect(UploadSession(parsing: session.description) == session)
            #expect(session.uuid.utf8.count == 36)
            #expect(session.algorithm == algorithm)
        }
    }

    @Test(
        "What is not written as we write it is no name",
        arguments: [
            "", "-", "----", "-sha512", "a", "0f8fad5b-d9cb-469f-a165-70867728950",
            "0f8fad5b-d9cb-469f-a165-70867728950ee", "0F8fad5b-d9cb-469f-a165-70867728950e",
            "0f8fad5bd9cb469fa16570867728950e", "../../../../etc/passwd-----------",
            "0f8fad5b-d9cb-469f-a165-70867728950g", "0f8fad5b-d9cb-469f-a165-70867728950e-sha256",
            "0f8fad5b-d9cb-469f-a165-70867728950e-sha512-sha512", " f8fad5b-d9cb-469f-a165-70867728950e",
            "0f8fad5b-d9cb-469f-a165-70867728950\u{e9}", "0f8fad5b-d9cb-469f-a165-7086772895\u{0}e",
        ])
    func refused(text: String) {
        #expect(UploadSession(parsing: text) == nil)
    }
}

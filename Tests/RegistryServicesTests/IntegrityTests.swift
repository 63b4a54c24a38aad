import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StorageMemory
import StrictJSON
import Synchronization
import Testing

@Suite("Integrity")
struct IntegrityTests {
    /// What somebody does to a blob, and what a look at the file tells of it afterwards.
    private typealias Tampering = (tamper: @Sendable (MemoryBlobStore, Digest) -> Void, seen: Set<FsckProblem.Code>)

    private static let tampering: [Tampering] = [
        ({ $0.damage($1, at: 300) }, []), ({ $0.truncate($1) }, [.blobDamaged]), ({ $0.lose($1) }, [.blobMissing]),
        ({ $0.linkElsewhere($1) }, []), ({ $0.replaceByDirectory($1) }, []),
    ]

    @Test("Asking for a path does not read bytes that nobody touched")
    func noRehash() async throws {
        try await TestRegistry.scenario { registry in
            let blob = try await registry.trust("a", ModelBytes.gguf()).acquisition.content.sha256
            let reads = registry.world.blobs.reads(of: blob)
            for _ in 0..<10 { _ = try await registry.path("a") }
            #expect(registry.world.blobs.reads(of: blob) == reads)
        }
    }

    @Test("A hash counts for a bounded time, then the bytes are read again")
    func hashAge() async throws {
        try await TestRegistry.scenario { registry in
            let blob = try await registry.trust("a", ModelBytes.gguf()).acquisition.content.sha256
            registry.world.clock.advance(seconds: TestRegistry.hashAgeSeconds + 1)
            let reads = registry.world.blobs.reads(of: blob)
            _ = try await registry.path("a")
            _ = try await registry.path("a")
            #expect(registry.world.blobs.reads(of: blob) == reads + 1)
        }
    }

    @Test("What was hashed is known after a restart, when it was saved")
    func savedMemory() async throws {
        try await TestRegistry.scenario { registry in
            let blob = try await registry.trust("a", ModelBytes.gguf()).acquisition.content.sha256
            try await registry.memory.save()
            let restarted = try await registry.restarted()
            let reads = registry.world.blobs.reads(of: blob)
            _ = try await restarted.path("a")
            #expect(registry.world.blobs.reads(of: blob) == reads)
        }
    }

    @Test("A verification that somebody else wrote counts for nothing")
    func forgedMemory() async throws {
        try await TestRegistry.scenario { registry in
            let blob = try await registry.trust("a", ModelBytes.gguf()).acquisition.content.sha256
            registry.world.blobs.damage(blob, at: 300)
            let identity = try #require(try await registry.world.blobs.identity(of: blob))
            try await registry.world.store.write { transaction in
                try transaction.putVerification(
                    SealedVerification(identity: identity, time: .latest, seal: Array(repeating: 0, count: 32)),
                    of: blob)
            }
            let restarted = try await registry.restarted()
            await expectError(.integrityFailed) { try await restarted.path("a") }
        }
    }

    @Test("Bytes that were touched are refused, put into quarantine and reported", arguments: tampering)
    private func touched(tamper: @Sendable (MemoryBlobStore, Digest) -> Void, seen: Set<FsckProblem.Code>) async throws
    {
        try await TestRegistry.scenario(leaving: seen) { registry in
            let record = try await registry.trust("a", ModelBytes.gguf())
            tamper(registry.world.blobs, record.acquisition.content.sha256)
            let error = await expectError(.integrityFailed) { try await registry.path("a") }
            #expect(error?.detail["expected"] == .string(record.acquisition.content.sha256.hex))
            #expect(try await registry.record("a").state == .quarantined)
            #expect(registry.world.views.visible.isEmpty)
            #expect(registry.alarms.map(\.name) == [record.name])
            await expectError(.notTrusted) { try await registry.path("a") }
        }
    }

    @Test("A sweep finds one bit that the disk forgot, and nothing else")
    func sweep() async throws {
        try await TestRegistry.scenario { registry in
            for seed in 0..<20 as Range<UInt64> { try await registry.trust("m\(seed)", ModelBytes.gguf(seed: seed)) }
            try await registry.trust("gone", ModelBytes.gguf(seed: 100))
            try await registry.delete("gone")
            let rotten = try await registry.record("m7").acquisition.content.sha256
            registry.world.blobs.rot(rotten, at: 301)
            let heard = Mutex(0)
            let result = try await registry.sweep.run(pace: .background) { _ in heard.withLock { $0 += 1 } }
            #expect(result.rows.map(\.name) == result.rows.map(\.name).sorted())
            #expect(result.rows.count == 20)
            #expect(heard.withLock { $0 } == 20)
            #expect(result.failures == 1)
            let bad = try #require(result.rows.first { $0.status == .failed })
            #expect(bad.name.description == "m7")
            #expect(bad.record?.state == .quarantined)
            #expect(registry.sweep.lastResult?.failures == 1)
            #expect(try await registry.sweep.run(pace: .full).failures == 1)
            #expect(try await registry.events(of: "m7").filter { $0 == .quarantined }.count == 2)
        }
    }

    @Test("A disk that does not answer is not a damaged artifact")
    func undecided() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf())
            registry.world.blobs.fail(.verify, .overloaded)
            let result = try await registry.sweep.run(pace: .full)
            #expect(result.rows.map(\.status) == [.undecided])
            #expect(try await registry.record("a").state == .trusted)
            registry.world.blobs.fail(.verify, nil)
            #expect(try await registry.sweep.run(pace: .full).rows.map(\.status) == [.verified])
        }
    }

    @Test("What could not be checked is no failure, and takes nothing out of service")
    func undecidedIsNoFailure() async throws {
        try await TestRegistry.scenario { registry in
            for seed in 0..<3 as Range<UInt64> { try await registry.trust("m\(seed)", ModelBytes.gguf(seed: seed)) }
            registry.world.blobs.fail(.verify, .unavailable(reason: "the disk does not answer"))
            let result = try await registry.sweep.run(pace: .full)
            #expect(result.failures == 0)
            #expect(result.undecided == 3)
            #expect(result.checked == 0)
            #expect(result.status == .incomplete)
            #expect(registry.alarms.isEmpty)
            // Damage that was seen outweighs what was not looked at.
            registry.world.blobs.fail(.verify, nil)
            registry.world.blobs.rot(try await registry.record("m1").acquisition.content.sha256)
            let damaged = try await registry.record("m1").acquisition.content.sha256
            registry.world.blobs.onStep { step, digest in
                if step == .verify {
                    registry.world.blobs.fail(.verify, digest == damaged ? nil : .unavailable(reason: "no answer"))
                }
            }
            #expect(try await registry.sweep.run(pace: .full).status == .failed)
            registry.world.blobs.onStep(nil)
        }
    }

    @Test("A sweep that is broken off is no result, and does not replace the last one")
    func cancelled() async throws {
        try await TestRegistry.scenario { registry in
            for seed in 0..<9 as Range<UInt64> { try await registry.trust("m\(seed)", ModelBytes.gguf(seed: seed)) }
            let whole = try await registry.sweep.run(pace: .full)
            let running = Mutex<Task<Void, any Error>?>(nil)
            registry.world.blobs.onStep { step, _ in
                if step == .verify { running.withLock { $0?.cancel() } }
            }
            let (start, started) = AsyncStream.makeStream(of: Void.self)
            let task = Task {
                for await _ in start { break }
                _ = try await registry.sweep.run(pace: .full)
            }
            running.withLock { $0 = task }
            started.yield()
            await #expect(throws: RegistryError.self) { try await task.value }
            registry.world.blobs.onStep(nil)
            #expect(registry.sweep.lastResult?.endedAt == whole.endedAt)
            #expect(registry.sweep.lastResult?.failures == 0)
            #expect(try await registry.sweep.run(pace: .full).failures == 0)
        }
    }

    @Test("The result of a sweep over many artifacts is bounded, and names what is wrong before anything else")
    func bounded() async throws {
        try await TestRegistry.scenario { registry in
            for number in 1_000..<2_100 {
                try await registry.acquire("m\(number)", ModelBytes.gguf(seed: UInt64(number % 50)))
            }
            try await registry.acquire("z", ModelBytes.gguf(seed: 60))
            registry.world.blobs.rot(try await registry.record("z").acquisition.content.sha256)
            let result = try await registry.sweep.run(pace: .full)
            #expect(result.rows.count == 1_000)
            #expect(result.failures == 1)
            #expect(result.checked == 1_101)
            #expect(result.rowsOmitted == 101)
            #expect(result.rows.last?.name.description == "z")
            #expect(result.rows.map(\.name) == result.rows.map(\.name).sorted())
        }
    }

    @Test("Damage to what was withdrawn is reported, and does not bring it back")
    func withdrawn() async throws {
        try await TestRegistry.scenario { registry in
            let record = try await registry.trust("a", ModelBytes.gguf())
            try await registry.revoke("a")
            registry.world.blobs.rot(record.acquisition.content.sha256)
            #expect(try await registry.sweep.run(pace: .full).failures == 1)
            #expect(try await registry.record("a").state == .revoked)
            #expect(registry.alarms.count == 1)
        }
    }

    @Test("Two sweeps do not run at once")
    func oneSweep() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf())
            let code = Mutex<ErrorCode?>(nil)
            registry.world.blobs.onStep { step, _ in
                guard step == .verify else { return }
                let error = await expectError(.overloaded) { try await registry.sweep.run(pace: .full) }
                code.withLock { $0 = error?.code }
            }
            _ = try await registry.sweep.run(pace: .full)
            #expect(code.withLock { $0 } == .overloaded)
        }
    }

    @Test("Whoever has no need of a second sweep is told of the first one without an error")
    func leftOut() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf())
            let met = Mutex<[String]>([])
            _ = try await registry.sweep.run(pace: .full) { _ in
                do throws(RegistryError) {
                    let second = try await registry.sweep.runUnlessRunning(pace: .background)
                    met.withLock { $0.append(second == nil ? "left out" : "ran") }
                } catch {
                    met.withLock { $0.append(error.code.rawValue) }
                }
            }
            #expect(met.withLock { $0 } == ["left out"])
            #expect(try await registry.sweep.runUnlessRunning(pace: .background)?.rows.count == 1)
        }
    }

    @Test("A name that other bytes took meanwhile is not blamed for the damage of the old ones")
    func replacedMeanwhile() async throws {
        try await TestRegistry.scenario { registry in
            let old = try await registry.acquire("a", ModelBytes.gguf(seed: 1))
            registry.world.blobs.damage(old.acquisition.content.sha256)
            let once = Mutex(false)
            registry.world.blobs.onStep { step, _ in
                let isFirst =
                    step == .verify
                    && once.withLock { done in
                        defer { done = true }
                        return !done
                    }
                if isFirst { _ = try? await registry.acquire("a", ModelBytes.gguf(seed: 2)) }
            }
            _ = try await registry.sweep.run(pace: .full)
            #expect(try await registry.record("a").state == .acquired)
            #expect(registry.alarms.isEmpty)
        }
    }

    @Test("A view that is still to be withdrawn is no second name for the bytes of another artifact")
    func pendingWithdrawal() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.trust("a", ModelBytes.gguf())
            try await registry.trust("b", ModelBytes.gguf())
            registry.world.views.failWithdrawal(of: try ArtifactName(parsing: "b"))
            await expectError(.internalError) { try await registry.revoke("b") }
            let result = try await registry.sweep.run(pace: .full)
            #expect(result.failures == 0)
            #expect(try await registry.record("a").state == .trusted)
            registry.world.views.failWithdrawal(of: nil)
            try await registry.viewKeeper.catchUp()
            registry.world.blobs.linkElsewhere(try await registry.record("a").acquisition.content.sha256)
            #expect(try await registry.sweep.run(pace: .full).failures > 0)
            #expect(try await registry.record("a").state == .quarantined)
        }
    }

    @Test("An artifact that failed is served again once it was verified and promoted anew")
    func repaired() async throws {
        try await TestRegistry.scenario { registry in
            let record = try await registry.trust("a", ModelBytes.gguf())
            let blob = record.acquisition.content.sha256
            registry.world.blobs.damage(blob, at: 300)
            await expectError(.integrityFailed) { try await registry.path("a") }
            await expectError(.integrityFailed) { try await registry.promote("a") }
            registry.world.blobs.damage(blob, at: 300)
            #expect(try await registry.promote("a").state == .trusted)
            _ = try await registry.path("a")
        }
    }

    @Test("The tensors that changed are named, and the artifact is in quarantine")
    func tensors() async throws {
        try await TestRegistry.scenario { registry in
            let bytes = ModelBytes.gguf()
            let record = try await registry.trust("a", bytes)
            let before = try await registry.tensorCheck.check(record.name)
            #expect(before.status == .verified)
            #expect(before.tensors == 2)
            registry.world.blobs.rot(record.acquisition.content.sha256, at: ModelBytes.ggufTensorOffset(1, in: bytes))
            let after = try await registry.tensorCheck.check(record.name)
            #expect(after.status == .failed)
            #expect(after.changed == ["output.weight"])
            #expect(try await registry.record("a").state == .quarantined)
        }
    }
}

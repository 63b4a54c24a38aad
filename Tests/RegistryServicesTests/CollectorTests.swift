import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StorageMemory
import Synchronization
import Testing

@Suite("Collections beside serving")
struct CollectorTests {
    private static func collector(_ registry: TestRegistry) -> Collector {
        Collector(clock: registry.world.clock) { registry.collection(idleSeconds: 0) }
    }

    @Test("The last collection is kept for whoever asks; rehearsals are none")
    func last() async throws {
        try await TestRegistry.scenario { registry in
            let heard = Mutex<[Collector.Report]>([])
            let collector = Collector(
                clock: registry.world.clock, report: { report in heard.withLock { $0.append(report) } },
                collection: { registry.collection(idleSeconds: 0) })
            _ = try registry.world.blobs.plant([1, 2, 3])
            let rehearsal = try await collector.run(isRehearsal: true)
            #expect(rehearsal.result.blobs == 1)
            #expect(rehearsal.isRehearsal)
            #expect(collector.last == nil)
            let report = try await collector.run(isRehearsal: false)
            #expect(report.result == rehearsal.result)
            #expect(collector.last == report)
            #expect(heard.withLock { $0 } == [report])
            #expect(try await collector.run(isRehearsal: false).result.blobs == 0)
            #expect(collector.last?.result.examined == 0)
        }
    }

    @Test("What repositories need not keep goes first, and its bytes once they waited")
    func retention() async throws {
        try await TestRegistry.scenario { registry in
            let bytes = try await registry.manifest([.init([1, 2, 3])], in: "team/a")
            let version = try await registry.publish(bytes, in: "team/a").version
            registry.world.clock.advance(seconds: 8 * 86_400)
            let collector = Self.collector(registry)
            collector.use(
                Retention(
                    try RetentionRules(["team/*=untagged:7d"]), store: registry.store, directory: registry.directory,
                    manifests: registry.manifests, removal: registry.distribution.removal, ledger: registry.ledger))
            let rehearsal = try await collector.run(isRehearsal: true)
            #expect((rehearsal.retention.manifests, rehearsal.retention.bytes) == (1, 5))
            #expect(rehearsal.result.blobs == 0)
            #expect(try await registry.store.hasManifest(version, in: TestRegistry.repository("team/a")))
            let done = try await collector.run(isRehearsal: false)
            #expect(done.retention == rehearsal.retention)
            #expect(done.result.blobs == 0)
            registry.world.clock.advance(seconds: 1)
            #expect(try await collector.run(isRehearsal: false).result.blobs == 2)
        }
    }

    @Test("A fault of retention keeps no bytes that nothing needs")
    func retentionFault() async throws {
        try await TestRegistry.scenario { registry in
            let bytes = try await registry.manifest([.init([1, 2, 3])], in: "team/a")
            let version = try await registry.publish(bytes, in: "team/a", tags: ["v1"]).version
            _ = try registry.world.blobs.plant([9])
            registry.world.clock.advance(seconds: 8 * 86_400)
            let unreadable = MemoryMetadataStore()
            unreadable.failReads(.unavailable(reason: "a test"))
            let collector = Self.collector(registry)
            collector.use(
                Retention(
                    try RetentionRules(["team/*=untagged:7d"]), store: unreadable,
                    directory: registry.directory, manifests: registry.manifests,
                    removal: registry.distribution.removal, ledger: registry.ledger))
            let done = try await collector.run(isRehearsal: false)
            #expect(done.retention.fault?.code != nil)
            #expect(done.result.blobs == 1)
            #expect(try await registry.store.hasManifest(version, in: TestRegistry.repository("team/a")))
        }
    }

    @Test("One collection runs at a time")
    func oneAtATime() async throws {
        try await TestRegistry.scenario { registry in
            let collector = Self.collector(registry)
            _ = try registry.world.blobs.plant([1])
            let answers = Mutex<[Bool]>([])
            registry.world.blobs.onStep { step, _ in
                guard step == .remove else { return }
                await expectError(.overloaded) { _ = try await collector.run(isRehearsal: true) }
                let other = try? await collector.runUnlessRunning(isRehearsal: false)
                answers.withLock { $0.append(other == nil) }
            }
            #expect(try await collector.run(isRehearsal: false).result.blobs == 1)
            registry.world.blobs.onStep(nil)
            #expect(answers.withLock { $0 } == [true])
            #expect(try await collector.run(isRehearsal: false).result.blobs == 0)
        }
    }

    @Test("A pace rests for what was looked at and for what was removed")
    func pace() async throws {
        try await TestRegistry.scenario { registry in
            for number in 0..<250 { _ = try registry.world.blobs.plant(Array("\(number)".utf8) + [0, 0]) }
            let timer = TestTimer()
            let pace = CollectionPace(clock: timer, itemsPerSecond: 100, bytesPerSecond: 10)
            let result = try await Self.collector(registry).run(isRehearsal: false, pace: pace).result
            #expect(result.blobs == 250)
            // Three steps of a hundred looks, and each removal with its bytes.
            let expected = Duration.seconds(3 + 2.5 + Double(result.bytes) / 10)
            let slept = timer.slept.reduce(.zero, +)
            #expect(abs((slept - expected) / .seconds(1)) < 0.001)
        }
    }

    @Test("A collection that is cancelled stops, and the next one goes on")
    func cancelled() async throws {
        try await TestRegistry.scenario { registry in
            let collector = Self.collector(registry)
            for number in UInt8(0)..<10 { _ = try registry.world.blobs.plant([number]) }
            let task = Mutex<Task<Void, Never>?>(nil)
            registry.world.blobs.onStep { step, _ in
                if step == .remove { task.withLock { $0?.cancel() } }
            }
            let running = Task<Void, Never> {
                _ = await expectError(.overloaded) { _ = try await collector.run(isRehearsal: false) }
            }
            task.withLock { $0 = running }
            await running.value
            registry.world.blobs.onStep(nil)
            #expect(collector.last == nil)
            #expect(registry.world.blobs.count < 10)
            let left = registry.world.blobs.count
            #expect(try await collector.run(isRehearsal: false).result.blobs == UInt64(left))
        }
    }
}

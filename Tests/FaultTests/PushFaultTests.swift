import FileTestSupport
import Glibc
import ServerFixture
import Testing

/// Pushes by the OCI distribution protocol that are interrupted.
@Suite("Pushes and faults")
struct PushFaultTests {
    private static let pointsMax = 20

    @Test("Killed at every call of a push, what was acknowledged is kept, and the push can be made again")
    func kills() async throws {
        let home = try PushedImage.home()
        let injector = try FaultInjector(store: home.directory)
        let count = try await countPoints(home, injector)
        #expect(count > 20)
        var reached = 0
        let points = FaultRounds.spread(over: count, atMost: Self.pointsMax)
        for point in points {
            let image = PushedImage(point)
            let acknowledged = try await push(image, home, injector, killedAt: point)
            let comment = "seed \(FaultRounds.seed), point \(injector.points.last ?? "none")"
            if injector.struck > 0 { reached += 1 }
            let report = try await home.fsck()
            #expect(report.isClean, "\(comment): \(report)")
            try await serverPermits.with {
                let registry = try await RunningRegistry(home)
                try await image.expectWhole(at: registry, acknowledged, comment)
                let refusal = try await image.push(to: registry) { _ in }
                #expect(refusal == nil, "\(comment): repeated")
                try await image.expectWhole(at: registry, Set(PushedImage.Part.allCases), comment)
                await registry.kill()
            }
        }
        #expect(reached >= points.count * 3 / 4, "\(reached) of \(points.count), seed \(FaultRounds.seed)")
        try await home.requireClean()
    }

    private func countPoints(_ home: RegistryHome, _ injector: FaultInjector) async throws -> Int {
        try await serverPermits.with {
            let registry = try await RunningRegistry(home, runBy: injector.command)
            injector.arm(.nothing)
            #expect(try await PushedImage(0).push(to: registry) { _ in } == nil)
            try await registry.awaitQuiet { injector.seen }
            let count = injector.seen
            injector.disarm()
            #expect(try await registry.stop() == .exited(0))
            return count
        }
    }

    private func push(
        _ image: PushedImage, _ home: RegistryHome, _ injector: FaultInjector, killedAt point: Int
    ) async throws -> Set<PushedImage.Part> {
        try await serverPermits.with {
            let registry = try await RunningRegistry(home, runBy: injector.command)
            injector.arm(.kill, first: point, length: 1)
            let acknowledged = Shared<Set<PushedImage.Part>>([])
            let refusal = try? await image.push(to: registry) { part in acknowledged.change { $0.insert(part) } }
            #expect(refusal == nil, "\(String(describing: refusal))")
            _ = await registry.ends(within: .seconds(4))
            injector.disarm()
            await injector.kill(registry)
            return acknowledged.value
        }
    }

    @Test("A push that finds no room from some call on is refused, reading goes on, and it works once there is room")
    func fullDisk() async throws {
        let home = try PushedImage.home()
        let injector = try FaultInjector(store: home.directory)
        try await serverPermits.with {
            let registry = try await RunningRegistry(home, runBy: injector.command)
            let other = PushedImage(1_000_000)
            #expect(try await other.push(to: registry) { _ in } == nil)
            // That it is read is written down once an hour, which takes room.
            try await other.expectWhole(at: registry, Set(PushedImage.Part.allCases), "before")
            var point = 0
            var isReached = true
            while isReached {
                point += 1
                try #require(point < 500)
                let image = PushedImage(point)
                injector.arm(.fail(ENOSPC), at: [.writes, .names], first: point)
                let acknowledged = Shared<Set<PushedImage.Part>>([])
                let refusal = try await image.push(to: registry) { part in acknowledged.change { $0.insert(part) } }
                isReached = injector.struck > 0 && refusal != nil
                let comment = "point \(injector.points.last ?? "none")"
                try await other.expectWhole(at: registry, Set(PushedImage.Part.allCases), comment)
                injector.disarm()
                if let refusal {
                    #expect(refusal.status == 507 && refusal.text.contains("storage_full"), "\(comment): \(refusal)")
                }
                try await image.expectWhole(at: registry, acknowledged.value, comment)
                #expect(try await image.push(to: registry) { _ in } == nil, "\(comment): repeated")
                try await image.expectWhole(at: registry, Set(PushedImage.Part.allCases), comment)
            }
            #expect(point > 5)
            #expect(try await registry.stop() == .exited(0))
        }
        try await home.requireClean()
    }

    @Test(
        "Whatever was acknowledged of pushes before the power went is there when it is back, over and over",
        .enabled(if: CuttableDisk.isPossible, "only root, with mkfs.ext4 and a loop device, may cut a disk's power"))
    func powerCuts() async throws {
        let home = try PushedImage.home()
        let images = Shared<[Int: Set<PushedImage.Part>]>([:])
        try await withCuttableDisk(at: home.directory, bytes: 160 << 20) { disk in
            var random = SeededGenerator(7)
            for round in 0..<15 * FaultRounds.factor {
                let limit = Int.random(in: 1...60, using: &random)
                try await serverPermits.with {
                    let registry = try await RunningRegistry(home)
                    try await Self.check(images, round, at: registry)
                    try await Self.load(registry, round, images, cuttingAfter: limit) { try disk.cutPower() }
                    await registry.kill()
                }
                try disk.restart()
                let report = try await home.fsck()
                try #require(report.isClean, "seed \(FaultRounds.seed), round \(round): \(report)")
            }
            try await withRegistry(home) { registry in try await Self.check(images, nil, at: registry) }
        }
    }

    private static let clients = 4
    private static let imagesPerClient = 100

    /// - Parameter round: looks only at what was pushed in the one before; `nil` for everything.
    private static func check(
        _ images: Shared<[Int: Set<PushedImage.Part>]>, _ round: Int?, at registry: RunningRegistry
    ) async throws {
        let first = round.map { ($0 - 1) * clients * imagesPerClient } ?? 0
        for (number, acknowledged) in images.value where number >= first {
            try await PushedImage(number).expectWhole(at: registry, acknowledged, "seed \(FaultRounds.seed)")
        }
    }

    /// Pushes from several clients until the power goes.
    private static func load(
        _ registry: RunningRegistry, _ round: Int, _ images: Shared<[Int: Set<PushedImage.Part>]>,
        cuttingAfter limit: Int, _ cut: @escaping @Sendable () throws -> Void
    ) async throws {
        let count = SharedCount()
        // As in `PowerCutTests`: what the server says after the cut nobody would have heard.
        let power = Shared(true)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<clients {
                group.addTask {
                    for step in 0..<imagesPerClient {
                        let number = (round * clients + client) * imagesPerClient + step
                        images.change { $0[number] = [] }
                        let refusal = try? await PushedImage(number).push(to: registry) { part in
                            guard power.value else { return }
                            images.change { $0[number]?.insert(part) }
                            guard count.add(1) == limit else { return }
                            power.change { $0 = false }
                            try cut()
                        }
                        guard power.value, refusal == nil else { return }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}

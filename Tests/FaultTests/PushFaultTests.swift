import FileTestSupport
import Foundation
import Glibc
import ServerFixture
import Testing

/// Pushes by the OCI distribution protocol that are interrupted.
@Suite("Pushes and faults")
struct PushFaultTests {
    @Test("Killed at every call of a push, what was acknowledged is kept, and the push can be made again")
    func kills() async throws {
        try await PushDrill<PushedImage>().kills(atMost: 20)
    }

    @Test("Killed at every call of an upload in parts, what was answered is kept until it ends, and somebody can go on")
    func killsOfParts() async throws {
        try await PushDrill<PartedBlob>().kills(atMost: 20)
    }

    @Test("A push that finds no room from some call on is refused, reading goes on, and it works once there is room")
    func fullDisk() async throws {
        try await PushDrill<PushedImage>().fullDisk()
    }

    @Test("An upload in parts that finds no room from some call on is refused, and works once there is room")
    func fullDiskOfParts() async throws {
        try await PushDrill<PartedBlob>().fullDisk()
    }

    @Test(
        "Whatever was acknowledged of pushes before the power went is there when it is back, over and over",
        .enabled(if: CuttableDisk.isPossible, "only root, with mkfs.ext4 and a loop device, may cut a disk's power"))
    func powerCuts() async throws {
        try await PushDrill<PushedImage>().powerCuts(15, answersMax: 60)
    }

    @Test(
        "Parts that were answered before the power went are listed when it is back, with the bytes that were sent",
        .enabled(if: CuttableDisk.isPossible, "only root, with mkfs.ext4 and a loop device, may cut a disk's power"))
    func powerCutsOfParts() async throws {
        try await PushDrill<PartedBlob>().powerCuts(10, answersMax: 40)
    }
}

/// Interrupts pushes of one kind of content to one registry, each time of another one.
private struct PushDrill<Content: PushedContent> {
    private let home: RegistryHome
    private let injector: FaultInjector

    init() throws {
        home = try PushedImage.home()
        injector = try FaultInjector(store: home.directory)
    }

    /// Kills the server at each call of a push.
    func kills(atMost pointsMax: Int) async throws {
        let count = try await countPoints()
        #expect(count > 20)
        var reached = 0
        let points = FaultRounds.spread(over: count, atMost: pointsMax)
        for point in points {
            let content = Content(point)
            let told = try await push(content, killedAt: point)
            let comment = "seed \(FaultRounds.seed), point \(injector.points.last ?? "none")"
            if injector.struck > 0 { reached += 1 }
            let report = try await home.fsck()
            #expect(report.isClean, "\(comment): \(report)")
            try await serverPermits.with {
                let registry = try await RunningRegistry(home)
                try await content.expectKept(at: registry, told, refused: false, comment)
                _ = try await content.complete(at: registry, told, comment)
                await registry.kill()
            }
        }
        #expect(reached >= points.count * 3 / 4, "\(reached) of \(points.count), seed \(FaultRounds.seed)")
        try await home.requireClean()
    }

    private func countPoints() async throws -> Int {
        try await serverPermits.with {
            let registry = try await RunningRegistry(home, runBy: injector.command)
            injector.arm(.nothing)
            #expect(try await Content(0).push(to: registry) { _ in } == nil)
            try await registry.awaitQuiet { injector.seen }
            let count = injector.seen
            injector.disarm()
            #expect(try await registry.stop() == .exited(0))
            return count
        }
    }

    private func push(_ content: Content, killedAt point: Int) async throws -> Content.Told {
        try await serverPermits.with {
            let registry = try await RunningRegistry(home, runBy: injector.command)
            injector.arm(.kill, first: point, length: 1)
            let told = Shared(Content.nothing)
            let refusal = try? await content.push(to: registry) { change in told.change(change) }
            #expect(refusal == nil, "\(String(describing: refusal))")
            _ = await registry.ends(within: .seconds(4))
            injector.disarm()
            await injector.kill(registry)
            return told.value
        }
    }

    /// Has each call of a push find no room in turn, and all that follow it.
    func fullDisk() async throws {
        try await serverPermits.with {
            let registry = try await RunningRegistry(home, runBy: injector.command)
            let other = PushedImage(1_000_000)
            // That it is read is written down once an hour, which takes room.
            let all = try await other.complete(at: registry, PushedImage.nothing, "before")
            var point = 0
            var isReached = true
            while isReached {
                point += 1
                try #require(point < 500)
                let content = Content(point)
                injector.arm(.fail(ENOSPC), at: [.writes, .names], first: point)
                let told = Shared(Content.nothing)
                let refusal = try await content.push(to: registry) { change in told.change(change) }
                isReached = injector.struck > 0 && refusal != nil
                let comment = "point \(injector.points.last ?? "none")"
                try await other.expectKept(at: registry, all, refused: false, comment)
                injector.disarm()
                if let refusal {
                    #expect(refusal.status == 507 && refusal.text.contains("storage_full"), "\(comment): \(refusal)")
                }
                try await content.expectKept(at: registry, told.value, refused: refusal != nil, comment)
                _ = try await content.complete(at: registry, told.value, comment)
                let left = try FileManager.default.contentsOfDirectory(atPath: home.directory + "/store/uploads")
                #expect(left.isEmpty, "\(comment)")
            }
            #expect(point > 5)
            #expect(try await registry.stop() == .exited(0))
        }
        try await home.requireClean()
    }

    /// Cuts the power under pushes.
    ///
    /// - Parameter answersMax: most answers that clients hear before.
    func powerCuts(_ rounds: Int, answersMax: Int) async throws {
        let pushes = Shared<[Int: Content.Told]>([:])
        let rounds = rounds * FaultRounds.factor
        try await withCuttableDisk(at: home.directory, bytes: PowerCut.diskBytes(rounds: rounds)) { disk in
            var random = SeededGenerator(7)
            for round in 0..<rounds {
                let cut = PowerCut(of: disk, after: Int.random(in: 1...answersMax, using: &random))
                try await serverPermits.with {
                    let registry = try await RunningRegistry(home)
                    try await check(pushes, PowerCut.numbers(ofRound: round - 1), at: registry)
                    try await load(registry, round, pushes, cut)
                    await registry.kill()
                }
                try disk.restart()
                let report = try await home.fsck()
                try #require(report.isClean, "seed \(FaultRounds.seed), round \(round): \(report)")
            }
            try await withRegistry(home) { registry in try await check(pushes, 0..<Int.max, at: registry) }
        }
    }

    /// Checks what was told of some pushes, and brings those to their end that were interrupted.
    private func check(
        _ pushes: Shared<[Int: Content.Told]>, _ numbers: Range<Int>, at registry: RunningRegistry
    ) async throws {
        let comment = "seed \(FaultRounds.seed)"
        for (number, told) in pushes.value where numbers.contains(number) {
            let content = Content(number)
            try await content.expectKept(at: registry, told, refused: false, comment)
            guard !content.isWhole(told) else { continue }
            let told = try await content.complete(at: registry, told, comment)
            pushes.change { $0[number] = told }
        }
    }

    private func load(
        _ registry: RunningRegistry, _ round: Int, _ pushes: Shared<[Int: Content.Told]>, _ cut: PowerCut
    ) async throws {
        try await cut.comes(inRound: round) { number in
            pushes.change { $0[number] = Content.nothing }
            let refusal: HTTPResponse?
            do {
                refusal = try await Content(number).push(to: registry) { change in
                    let isHeard = try cut.hear { pushes.change { change(&$0[number, default: Content.nothing]) } }
                    guard isHeard else { throw Unheard() }
                }
            } catch {
                return false
            }
            return refusal == nil
        }
    }

    /// The power is gone, and the client with it.
    private struct Unheard: Error {}
}

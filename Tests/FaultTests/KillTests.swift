import Foundation
import Glibc
import ServerFixture
import Testing

/// Kills the server before each call that changes, confirms or answers for what is stored.
@Suite("Killed at every call")
struct KillTests {
    /// Points that a short run tries of each change.
    private static let pointsMax = 24
    /// And of what is done less often.
    private static let rarePointsMax = 12

    @Test(
        "What was acknowledged is kept, and what was not is wholly there or not at all",
        arguments: Operation.cases)
    func change(operation: Operation, layout: Artifact.Layout) async throws {
        let drill = try KillDrill(operation, layout)
        let count = try await drill.countPoints()
        #expect(count > 10)
        let points = FaultRounds.spread(over: count, atMost: Self.pointsMax)
        var reached = 0
        if let first = points.first { try await drill.prepare(Artifact(first, layout)) }
        for (index, point) in points.enumerated() {
            let next = index + 1 < points.count ? points[index + 1] : nil
            if try await drill.kill(at: point, preparing: next) { reached += 1 }
        }
        // What follows a change in the background comes in batches of its own.
        #expect(reached >= points.count * 9 / 10, "\(reached) of \(points.count), seed \(FaultRounds.seed)")
        try await drill.home.requireClean()
    }

    @Test("A first start that was killed anywhere is made good by the next one")
    func firstStart() async throws {
        let count = try await firstStart(killedAt: nil)
        for point in FaultRounds.spread(over: count, atMost: Self.rarePointsMax) {
            _ = try await firstStart(killedAt: point)
        }
    }

    /// - Returns: how many points the start has.
    private func firstStart(killedAt point: Int?) async throws -> Int {
        let home = try RegistryHome(["integrity_interval_seconds": "0"])
        let injector = try FaultInjector(store: home.directory)
        injector.arm(point == nil ? .nothing : .kill, first: point ?? 1, length: 1)
        try await serverPermits.with {
            do {
                let registry = try await RunningRegistry(home, runBy: injector.command)
                _ = await registry.ends(within: point == nil ? .milliseconds(500) : .seconds(4))
                await injector.kill(registry)
            } catch let fault as StartFault {
                #expect(fault.status == .killed(signal: SIGKILL), "\(fault)")
            }
        }
        let count = injector.seen
        guard point != nil else { return count }
        let comment = "seed \(FaultRounds.seed), point \(injector.points.last ?? "none")"
        // Killed before it had its keys, it left nothing that could be checked.
        let report = try await home.fsck()
        #expect(report.isClean || report.isWithoutStore, "\(comment): \(report)")
        try await serverPermits.with {
            let registry: RunningRegistry
            do { registry = try await RunningRegistry(home) } catch {
                Issue.record("\(comment): \(error)")
                return
            }
            try await registry.admit("a", ModelFiles.gguf(1))
            #expect(try await registry.path(of: "a").status == 200, "\(comment)")
            #expect(try await registry.stop() == .exited(0), "\(comment)")
        }
        try await home.requireClean()
        return count
    }

    @Test("A vacuum that was killed anywhere took nothing that is used, and the next one takes the rest")
    func vacuum() async throws {
        let template = try await Self.homeWithRubbish()
        let count = try await vacuum(template.copied(), killedAt: nil)
        #expect(count > 10)
        for point in FaultRounds.spread(over: count, atMost: Self.rarePointsMax) {
            _ = try await vacuum(template.copied(), killedAt: point)
        }
    }

    private static func homeWithRubbish() async throws -> RegistryHome {
        try await withRegistry { registry in
            for number in 0..<8 {
                let artifact = Artifact(number, number % 2 == 0 ? .file : .directory)
                try await Operation.revoke.prepare(artifact, at: registry)
                // Some is used, some was withdrawn and stays, some goes.
                guard number > 1 else { continue }
                let operation = number == 2 ? Operation.revoke : .delete
                #expect(try await registry.send(operation.request(artifact)).status == 200)
            }
            return registry.home
        }
    }

    /// - Returns: how many points the vacuum has.
    private func vacuum(_ home: RegistryHome, killedAt point: Int?) async throws -> Int {
        let injector = try FaultInjector(store: home.directory)
        let arguments = [BuiltPrograms.pratique, "vacuum", "--registry-dir", home.directory]
        injector.arm(point == nil ? .nothing : .kill, first: point ?? 1, length: 1)
        let first = try await FinishedProgram.run(
            injector.command[0], injector.command.dropFirst() + arguments, in: home.path)
        let comment = "seed \(FaultRounds.seed), point \(injector.points.last ?? "none")"
        #expect(first.status == (point == nil ? .exited(0) : .killed(signal: SIGKILL)), "\(comment): \(first)")
        let report = try await home.fsck()
        #expect(report.isClean, "\(comment): \(report)")
        let second = try await home.run("vacuum", "--registry-dir", home.directory)
        #expect(second.status == .exited(0), "\(comment): \(second)")
        #expect(try await home.fsck().program.output.contains(" 0 of them unused"), "\(comment)")
        try await withRegistry(home) { registry in
            for (number, layout) in [Artifact.Layout.file, .directory].enumerated() {
                #expect(try await Artifact(number, layout).expectWhole(at: registry, comment) == "trusted")
                let verdict = try await registry.post("/v1/model/verify?name=m\(number)")
                #expect(verdict.status == 200, "\(comment): \(verdict)")
            }
        }
        return injector.seen
    }
}

/// One kind of change, made again and again with a kill at another point each time, to one registry.
private struct KillDrill {
    let operation: Operation
    let layout: Artifact.Layout
    let home: RegistryHome
    let injector: FaultInjector
    let witness: LogWitness

    init(_ operation: Operation, _ layout: Artifact.Layout) throws {
        self.operation = operation
        self.layout = layout
        home = try RegistryHome.addressed()
        injector = try FaultInjector(store: home.directory)
        witness = try LogWitness()
    }

    /// Makes the change once without a kill.
    ///
    /// - Returns: how many points it has, with what follows it in the background.
    func countPoints() async throws -> Int {
        let artifact = Artifact(0, layout)
        try await prepare(artifact)
        return try await serverPermits.with {
            let registry = try await RunningRegistry(home, runBy: injector.command)
            injector.arm(.nothing)
            let answer = try await registry.send(operation.request(artifact))
            #expect(answer.status < 300, "\(answer)")
            try await registry.awaitQuiet { injector.seen }
            let count = injector.seen
            injector.disarm()
            #expect(try await registry.stop() == .exited(0))
            return count
        }
    }

    /// Kills at a point, looks at what is left, and prepares the artifact of the next point.
    ///
    /// - Returns: whether the change came to that point at all.
    func kill(at point: Int, preparing next: Int?) async throws -> Bool {
        let artifact = Artifact(point, layout)
        let (answer, isKilled) = try await interrupted(artifact, at: point)
        let comment = "\(operation) \(layout), seed \(FaultRounds.seed), point \(injector.points.last ?? "none")"
        let report = try await home.fsck()
        #expect(report.isClean, "\(comment): \(report)")
        if let answer { #expect(answer.status < 300, "\(comment): \(answer)") }
        try await serverPermits.with {
            let registry = try await RunningRegistry(home)
            let state = try await artifact.expectWhole(at: registry, comment)
            if answer != nil {
                #expect(state == operation.after, "\(comment): acknowledged")
            } else {
                #expect(state == operation.after || state == operation.before, "\(comment): \(state ?? "absent")")
            }
            try await witness.expectGrowth(of: registry, comment)
            let repeated = try await registry.send(operation.request(artifact))
            #expect(repeated.status < 300, "\(comment): repeated: \(repeated)")
            #expect(try await artifact.expectWhole(at: registry, comment) == operation.after)
            if let next { try await operation.prepare(Artifact(next, layout), at: registry) }
            await registry.kill()
        }
        return isKilled
    }

    func prepare(_ artifact: Artifact) async throws {
        try await serverPermits.with {
            let registry = try await RunningRegistry(home)
            try await operation.prepare(artifact, at: registry)
            #expect(try await registry.stop() == .exited(0))
        }
    }

    private func interrupted(_ artifact: Artifact, at point: Int) async throws -> (HTTPResponse?, isKilled: Bool) {
        try await serverPermits.with {
            let registry = try await RunningRegistry(home, runBy: injector.command)
            injector.arm(.kill, first: point, length: 1)
            let answer = try? await registry.send(operation.request(artifact))
            let isKilled = await registry.ends(within: .seconds(4))
            injector.disarm()
            await injector.kill(registry)
            return (answer, isKilled)
        }
    }
}

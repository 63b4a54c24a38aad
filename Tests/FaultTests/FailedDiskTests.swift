import Foundation
import Glibc
import ServerFixture
import StrictJSON
import Testing

@Suite("The disk fails")
struct FailedDiskTests {
    /// EX_IOERR.
    private static let stopped = ExitStatus.exited(74)

    @Test(
        "A sync that fails ends the process, and nothing is acknowledged that is not kept",
        arguments: Operation.cases)
    func sync(operation: Operation, layout: Artifact.Layout) async throws {
        let home = try RegistryHome.addressed()
        let injector = try FaultInjector(store: home.directory)
        let witness = try LogWitness()
        try await withRegistry(home) { registry in
            try await operation.prepare(Artifact(1, layout), at: registry)
        }
        var point = 0
        var isReached = true
        while isReached {
            point += 1
            try #require(point < 100)
            let artifact = Artifact(point, layout)
            let next = Artifact(point + 1, layout)
            try await serverPermits.with {
                let registry = try await RunningRegistry(home, runBy: injector.command)
                injector.arm(.fail(EIO), at: .syncs, first: point, length: 1)
                let answer = try? await registry.send(operation.request(artifact))
                let hasEnded = await registry.ends(within: .seconds(3))
                isReached = injector.struck > 0
                let comment = "\(operation) \(layout), point \(injector.points.dropFirst(point - 1).first ?? "none")"
                injector.disarm()
                // SQLite syncs the directory of its files without listening, and needlessly: they were made and synced
                // when the store was opened.
                if isReached, !comment.hasSuffix("fdatasync \(home.directory)/store/metadata") {
                    #expect(hasEnded && registry.process.status == Self.stopped, "\(comment)")
                }
                if let answer, !isReached { #expect(answer.status < 300, "\(comment): \(answer)") }
                await injector.kill(registry)
                let recovered = try await RunningRegistry(home)
                try await expectKept(artifact, operation, answer, recovered, comment)
                try await witness.expectGrowth(of: recovered, comment)
                try await operation.prepare(next, at: recovered)
                #expect(try await recovered.stop() == .exited(0), "\(comment)")
            }
        }
        #expect(point > 2)
        try await home.requireClean()
    }

    private func expectKept(
        _ artifact: Artifact, _ operation: Operation, _ answer: HTTPResponse?, _ registry: RunningRegistry,
        _ comment: String
    ) async throws {
        let state = try await artifact.expectWhole(at: registry, comment)
        let isAcknowledged = answer.map { $0.status < 300 } ?? false
        let allowed = isAcknowledged ? [operation.after] : [operation.after, operation.before]
        #expect(allowed.contains(state), "\(comment): \(state ?? "absent"), \(answer.map { "\($0)" } ?? "no answer")")
        #expect(try await registry.send(operation.request(artifact)).status < 300, "\(comment)")
        #expect(try await artifact.expectWhole(at: registry, comment) == operation.after)
    }

    @Test("Bytes that cannot be read are not served, and others are")
    func read() async throws {
        let home = try RegistryHome(["integrity_interval_seconds": "0", "hash_age_seconds": "0"])
        let bad = ModelFiles.gguf(1)
        let injector = try FaultInjector(store: home.blobPath(sha256(bad)), seesReads: true)
        try await serverPermits.with {
            let registry = try await RunningRegistry(home, runBy: injector.command)
            try await registry.admit("bad", bad)
            try await registry.admit("good", ModelFiles.gguf(2))
            #expect(try await registry.path(of: "bad").status == 200)
            injector.arm(.fail(EIO), at: .reads)
            let verdict = try await registry.post("/v1/model/verify?name=bad")
            #expect(injector.struck > 0)
            #expect(verdict.status >= 400, "\(verdict)")
            #expect(try await registry.path(of: "bad").status != 200)
            #expect(try await registry.path(of: "good").status == 200)
            #expect(try await registry.post("/v1/model/verify?name=good").status == 200)
            injector.disarm()
            #expect(try await registry.stop() == .exited(0))
        }
        try await home.requireClean()
    }
}

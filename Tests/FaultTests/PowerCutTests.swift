import FileTestSupport
import ServerFixture
import StrictJSON
import Synchronization
import Testing

@Suite(
    "The power is cut", .serialized,
    .enabled(if: CuttableDisk.isPossible, "only root, with mkfs.ext4 and a loop device, may cut the power of a disk"))
struct PowerCutTests {
    private static let roundsMin = 25
    private static let clients = 4

    @Test("Whatever was acknowledged before the power went is there when it is back, over and over")
    func underLoad() async throws {
        let home = try RegistryHome.addressed()
        let witness = try LogWitness()
        let ledger = Acknowledgements()
        try await withCuttableDisk(at: home.directory, bytes: 160 << 20) { disk in
            var random = SeededGenerator(3)
            for round in 0..<Self.roundsMin * FaultRounds.factor {
                let comment = "seed \(FaultRounds.seed), round \(round)"
                let limit = Int.random(in: 0...40, using: &random)
                try await serverPermits.with {
                    let registry = try await RunningRegistry(home)
                    try await ledger.check(at: registry, comment)
                    try await witness.expectGrowth(of: registry, comment)
                    try await Self.load(registry, round, ledger, cuttingAfter: limit) { try disk.cutPower() }
                    await registry.kill()
                }
                try disk.restart()
                let report = try await home.fsck()
                try #require(report.isClean, "\(comment): \(report)")
            }
            try await withRegistry(home) { registry in
                try await ledger.check(at: registry, "seed \(FaultRounds.seed), at the end", everything: true)
            }
        }
    }

    /// Changes artifacts from several clients until the power goes.
    private static func load(
        _ registry: RunningRegistry, _ round: Int, _ ledger: Acknowledgements, cuttingAfter limit: Int,
        _ cut: @escaping @Sendable () throws -> Void
    ) async throws {
        let count = SharedCount()
        // Here the server outlives its disk by a moment. What it says then nobody would have heard, so it is no
        // acknowledgement: the sync that it trusts may have been overtaken by the cut.
        let power = Shared(true)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<clients {
                group.addTask {
                    for step in 0..<100 {
                        let number = (round * clients + client) * 100 + step
                        let artifact = Artifact(number, step % 3 == 0 ? .directory : .file)
                        guard (try? artifact.write(in: registry.home)) != nil else { return }
                        for operation in [Operation.acquire, .promote, step % 2 == 0 ? .revoke : .delete] {
                            ledger.begin(operation, artifact)
                            guard let answer = try? await registry.send(operation.request(artifact)),
                                answer.status < 300, power.value
                            else { return }
                            ledger.acknowledge(artifact)
                            if count.add(1) == limit {
                                power.change { $0 = false }
                                try cut()
                            }
                            // Some stay as they are.
                            if number % 5 == 0, operation == .promote { break }
                        }
                    }
                }
            }
            if limit == 0 {
                power.change { $0 = false }
                try cut()
            }
            try await group.waitForAll()
        }
    }
}

/// What clients asked for and what they were told.
private final class Acknowledgements: Sendable {
    private struct Entry {
        var artifact: Artifact
        var acknowledged: String?
        /// What was asked for and not answered.
        var begun: String?
    }

    private let entries = Mutex<[String: Entry]>([:])

    func begin(_ operation: Operation, _ artifact: Artifact) {
        entries.withLock { $0[artifact.name, default: Entry(artifact: artifact)].begun = operation.after }
    }

    func acknowledge(_ artifact: Artifact) {
        entries.withLock { entries in
            guard var entry = entries[artifact.name] else { return }
            entry.acknowledged = entry.begun
            entry.begun = nil
            entries[artifact.name] = entry
        }
    }

    /// Holds the registry against what was acknowledged, and remembers how each open question came out.
    ///
    /// - Parameter everything: also what was looked at before and not changed since.
    func check(at registry: RunningRegistry, _ comment: String, everything: Bool = false) async throws {
        for (name, entry) in entries.withLock({ $0 }) {
            guard everything || !settled.withLock({ $0.contains(name) }) else { continue }
            let comment = "\(comment), \(name)"
            let state = try await entry.artifact.expectWhole(at: registry, comment)
            let allowed = [entry.acknowledged] + (entry.begun.map { [$0] } ?? [])
            #expect(allowed.contains(state), "\(comment): \(state ?? "absent"), expected \(allowed)")
            entries.withLock { $0[name] = Entry(artifact: entry.artifact, acknowledged: state) }
            settled.withLock { _ = $0.insert(name) }
        }
    }

    private let settled = Mutex<Set<String>>([])
}

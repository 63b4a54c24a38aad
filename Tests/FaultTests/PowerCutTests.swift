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

    @Test("Whatever was acknowledged before the power went is there when it is back, over and over")
    func underLoad() async throws {
        let home = try RegistryHome.addressed()
        let witness = try LogWitness()
        let ledger = Acknowledgements()
        let rounds = Self.roundsMin * FaultRounds.factor
        try await withCuttableDisk(at: home.directory, bytes: PowerCut.diskBytes(rounds: rounds)) { disk in
            var random = SeededGenerator(3)
            for round in 0..<rounds {
                let comment = "seed \(FaultRounds.seed), round \(round)"
                let limit = Int.random(in: 0...40, using: &random)
                try await serverPermits.with {
                    let registry = try await RunningRegistry(home)
                    try await ledger.check(at: registry, comment)
                    try await witness.expectGrowth(of: registry, comment)
                    try await Self.load(registry, round, ledger, PowerCut(of: disk, after: limit))
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

    /// Changes artifacts until the power goes.
    private static func load(
        _ registry: RunningRegistry, _ round: Int, _ ledger: Acknowledgements, _ cut: PowerCut
    ) async throws {
        try await cut.comes(inRound: round) { number in
            let artifact = Artifact(number, number % 3 == 0 ? .directory : .file)
            guard (try? artifact.write(in: registry.home)) != nil else { return false }
            for operation in [Operation.acquire, .promote, number % 2 == 0 ? .revoke : .delete] {
                ledger.begin(operation, artifact)
                guard let answer = try? await registry.send(operation.request(artifact)), answer.status < 300,
                    try cut.hear({ ledger.acknowledge(artifact) })
                else { return false }
                // Some stay as they are.
                if number % 5 == 0, operation == .promote { break }
            }
            return true
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

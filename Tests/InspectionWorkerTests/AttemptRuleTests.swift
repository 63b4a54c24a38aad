import FileTestSupport
import Inspection
import InspectionWorker
import LinuxFiles
import Logging
import ModelFormats
import RegistryPorts
import Testing

/// Rules about inspections that came to no result: each has an attempt that fails so and one that barely does not.
@Suite("Rules about attempts")
struct AttemptRuleTests {
    let scratch: ScratchDirectory
    private let files = SharedCount()

    init() throws {
        scratch = try ScratchDirectory()
    }

    private func file(_ bytes: [UInt8]) throws -> ScratchFile {
        let name = "file-\(files.add(1))"
        try scratch.write(bytes, as: name)
        return try ScratchFile(scratch.directory.openFile(name))
    }

    private func worker(
        _ behaviour: String?, _ change: (inout InspectorPool.Configuration) -> Void = { _ in }
    ) throws -> InspectionWorker {
        var configuration = try fixtureConfiguration(behaviour)
        change(&configuration)
        return InspectionWorker(configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// The rules that an inspection of the bytes breaks.
    private func rules(
        _ worker: InspectionWorker, _ bytes: [UInt8] = patternedBytes(100), name: String
    ) async throws -> Set<RuleID> {
        Set(await worker.inspect(try file(bytes), name: name, as: .none).findings.map(\.rule))
    }

    /// The rules that so many inspections break that no one ends before the next begins.
    private func rules(ofMany count: Int) async throws -> Set<RuleID> {
        let worker = try worker("misbehave") { configuration in
            (configuration.concurrentMax, configuration.waitingMax) = (1, 1)
            configuration.child.wallMillisecondsMax = 300
        }
        try await worker.start()
        let file = try file(patternedBytes(3))
        return await withTaskGroup { group in
            for _ in 0..<count {
                group.addTask { await worker.inspect(file, name: "sleep", as: .none).findings.map(\.rule) }
            }
            var rules: Set<RuleID> = []
            for await found in group { rules.formUnion(found) }
            return rules
        }
    }

    /// A file that is a report on a file of its own size.
    private static func reportOnItself() throws -> [UInt8] {
        let fitting = (1..<2_000).lazy.map { size in
            (size, InspectionReport(.overloaded, sizeBytes: UInt64(size)).encoded())
        }.first { $0.0 == $0.1.count }
        return try #require(fitting).1
    }

    /// What an attempt breaks that fails by this rule, and what one does that barely does not.
    private func attempts(_ rule: RuleID) async throws -> (hit: Set<RuleID>, nearMiss: Set<RuleID>) {
        let honest = try worker(nil)
        switch rule {
        case .inspectionCrashed:
            return (try await rules(worker("misbehave"), name: "trap"), try await rules(honest, name: "trap"))
        case .inspectionTimedOut:
            let hasty = try worker("misbehave") { $0.child.wallMillisecondsMax = 500 }
            return (try await rules(hasty, name: "sleep"), try await rules(honest, name: "sleep"))
        case .inspectionUnintelligible:
            let report = try Self.reportOnItself()
            let worker = try worker("misbehave")
            return (
                try await rules(worker, report + [0x20], name: "echo"), try await rules(worker, report, name: "echo")
            )
        // Of two the second may come before the first has begun, and then finds no place either.
        case .inspectionOverloaded: return (try await rules(ofMany: 6), try await rules(ofMany: 1))
        case .inspectionUnavailable:
            let nowhere = try worker(nil) { $0.executable = "/nonexistent" }
            return (try await rules(nowhere, name: "m.gguf"), try await rules(honest, name: "m.gguf"))
        default:
            Issue.record("nothing fails by \(rule)")
            return ([], [])
        }
    }

    @Test(
        "An attempt fails by the rule that says how, and one that barely does not fail breaks none of them",
        arguments: RuleID.allCases.filter { $0.rawValue.hasPrefix("inspection.") })
    func rules(rule: RuleID) async throws {
        let found = try await attempts(rule)
        #expect(found.hit.contains(rule))
        #expect(!found.nearMiss.contains(rule))
    }
}

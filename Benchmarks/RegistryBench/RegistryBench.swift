import ArgumentParser
import Dispatch

/// Measures the registry against its targets and prints a table. Nothing is asserted: people read the table.
@main
enum Program {
    static func main() async {
        PrivateMounts.enter()
        await RegistryBench.main()
    }
}

struct RegistryBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "registry-bench", abstract: "Measure the registry against its targets.",
        discussion: """
            Starts servers of its own in a directory of its own, which is removed at the end. Each row compares two \
            measurements of the same run, or one with a fixed limit.
            """)

    @Flag(help: "Small sizes: about a minute, and numbers that say little.")
    var quick = false

    @Option(help: "Where to put the directory to work in. It needs room for some 30 GB; 3 GB with --quick.")
    var work = "/var/tmp"

    @Option(help: "The server. Without this, the one beside this program.")
    var pratique: String?

    @Option(help: "The client. Without this, the one beside this program.")
    var securectl: String?

    @Option(
        parsing: .upToNextOption,
        help: "Measure only these: \(Subject.allCases.map(\.rawValue).joined(separator: ", ")).")
    var only: [Subject] = []

    @Flag(name: .customLong(String(PrivateMounts.flag.dropFirst(2))), help: .private)
    var mountsArePrivate = false

    func run() async throws {
        let bench = Bench(
            scale: quick ? .quick : .full, programs: try Programs(pratique: pratique, securectl: securectl),
            workspace: try Workspace(in: work))
        let signals = bench.workspace.removeOnSignals()
        defer {
            for signal in signals { signal.cancel() }
            bench.workspace.remove()
        }
        var report = Report(machine: Machine.current(), isQuick: quick)
        let clock = ContinuousClock()
        for subject in Subject.allCases where only.isEmpty || only.contains(subject) {
            let start = clock.now
            do {
                report.add(try await subject.measure(bench))
            } catch {
                report.add([.notMeasured(subject.rawValue, "\(error)")])
            }
            Output.progress("\(subject.rawValue): \(Quantity.seconds(start.duration(to: clock.now)))")
        }
        Output.write(report.text)
    }
}

/// What is measured, in the order in which it is done: reading before what adds artifacts.
enum Subject: String, CaseIterable, ExpressibleByArgument, Sendable {
    case start, read, stalled, connections, promote, verify, acquire, manifest, inspect, path, pull, push, tags
    case signatures, carried, signed, summaries

    func measure(_ bench: Bench) async throws -> [Row] {
        switch self {
        case .start: try await StartSubject(bench: bench).rows()
        case .read: try await ReadSubject(bench: bench).rows()
        case .stalled: try await StalledClientSubject(bench: bench).rows()
        case .connections: try ConnectionSubject(bench: bench).rows()
        case .promote: try await PromoteSubject(bench: bench).rows()
        case .verify: try VerifySubject(bench: bench).rows()
        case .acquire: try AcquireSubject(bench: bench).rows()
        case .manifest: try ManifestSubject(bench: bench).rows()
        case .inspect: try InspectSubject(bench: bench).rows()
        case .path: try PathSubject(bench: bench).rows()
        case .pull: try PullSubject(bench: bench).rows()
        case .push: try PushSubject(bench: bench).rows()
        case .tags: try TagSubject(bench: bench).rows()
        case .signatures: try SignatureSubject(bench: bench).rows()
        case .carried: try CarriedSignatureSubject(bench: bench).rows()
        case .signed: try SignedPromoteSubject(bench: bench).rows()
        case .summaries: try SummarySubject(bench: bench).rows()
        }
    }
}

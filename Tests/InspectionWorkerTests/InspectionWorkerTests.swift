import FileTestSupport
import Inspection
import InspectionWorker
import LinuxFiles
import Logging
import ModelFormats
import RegistryPorts
import Testing

/// A file of a test as the registry lends files.
final class ScratchFile: LocalFile {
    private let descriptor: FileDescriptor
    let sizeBytes: UInt64

    init(_ descriptor: FileDescriptor) throws {
        self.descriptor = descriptor
        sizeBytes = UInt64(try descriptor.identity().size)
    }

    func withDescriptor<T>(_ body: (Int32) throws -> T) rethrows -> T {
        try descriptor.withNumber(body)
    }
}

@Suite("Reports of sandboxed inspections")
struct InspectionWorkerTests {
    let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory()
    }

    private func file(_ bytes: [UInt8]) throws -> ScratchFile {
        try scratch.write(bytes, as: "file")
        return try ScratchFile(scratch.directory.openFile("file"))
    }

    private func worker(_ behaviour: String? = nil, isPatient: Bool = true) throws -> InspectionWorker {
        var configuration = try fixtureConfiguration(behaviour)
        configuration.child.wallMillisecondsMax = isPatient ? 60_000 : 500
        configuration.child.memoryBytesMax = 128 << 20
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return InspectionWorker(configuration, logger: logger)
    }

    private static let safetensors: [UInt8] = {
        let header = #"{"weight":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}"# + "  "
        return [UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8) + patternedBytes(16)
    }()

    @Test(
        "The child's report is what the inspection says of the same bytes in one's own process",
        arguments: [
            (safetensors, "model.safetensors"), (Array("{\"a\": 1}".utf8), "config.json"), ([], "empty.bin"),
            (patternedBytes(5_000), "noise.bin"), (Array("#!/bin/sh\nrm -rf /\n".utf8), "weights.gguf"),
        ])
    func reports(bytes: [UInt8], name: String) async throws {
        let report = try await worker().inspect(file(bytes), name: name, as: .none)
        #expect(report == Inspector.inspect(source: MemoryByteSource(bytes), name: name))
    }

    @Test("A tensor file is found clean, with its tensors")
    func findsClean() async throws {
        let report = try await worker().inspect(file(Self.safetensors), name: "model.safetensors", as: .none)
        #expect(report.verdict == .clean)
        #expect(report.tensors?.entries.count == 1)
    }

    @Test(
        "Whatever becomes of the child, the verdict is undecided and says why, for empty files too",
        arguments: [
            ("trap", RuleID.inspectionCrashed), ("fork", .inspectionCrashed), ("spin", .inspectionTimedOut),
            ("huge", .inspectionUnintelligible), ("exit", .inspectionUnintelligible),
            ("garbage", .inspectionUnintelligible), ("{}", .inspectionUnintelligible),
            ("", .inspectionUnintelligible),
        ], [0, 100])
    func undecided(behaviour: (name: String, rule: RuleID), size: Int) async throws {
        let worker = try worker("misbehave", isPatient: behaviour.rule != .inspectionTimedOut)
        let report = await worker.inspect(try file(patternedBytes(size)), name: behaviour.name, as: .none)
        #expect(report.verdict == .undecided)
        #expect(report.findings.map(\.rule) == [behaviour.rule])
        #expect(report.sizeBytes == UInt64(size))
        #expect(report.tensors == nil)
    }

    @Test("A report on another file is garbage")
    func refusesOtherReports() async throws {
        let bytes = Inspector.inspect(source: MemoryByteSource(Self.safetensors), name: "x").encoded()
        // The child answers with the content of its file: a well-formed report, but on a file of another size.
        let report = try await worker("misbehave").inspect(file(bytes), name: "echo", as: .none)
        #expect(report.verdict == .undecided)
    }

    @Test("Without an inspector nothing is decided")
    func withoutInspector() async throws {
        var configuration = InspectorPool.Configuration()
        configuration.executable = "/nonexistent"
        let worker = InspectionWorker(configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        await #expect(throws: FileFault.self) { try await worker.start() }
        let report = await worker.inspect(try file(Self.safetensors), name: "model.safetensors", as: .none)
        #expect(report.verdict == .undecided)
        #expect(report.findings.map(\.rule) == [.inspectionUnavailable])
    }
}

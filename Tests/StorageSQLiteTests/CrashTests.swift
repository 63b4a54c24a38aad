import FileTestSupport
import Foundation
import RegistryCore
import RegistryPorts
import RegistryTesting
import StorageSQLite
import Testing

/// What a writer in a process of its own said before it ended.
private struct WriterReport {
    var isOpen = false
    /// The newest acknowledged write of each task.
    var acknowledged: [Int: UInt64] = [:]
    var faults: [String] = []
    var isClosed = false

    init(_ lines: [Substring]) {
        for line in lines {
            let words = line.split(separator: " ", maxSplits: 3)
            if line == "open" {
                isOpen = true
            } else if line == "closed" {
                isClosed = true
            } else if words.count == 2, let task = Int(words[0]), let number = UInt64(words[1]) {
                acknowledged[task] = number
            } else {
                faults.append(String(line))
            }
        }
    }
}

@Suite("A writer that is killed", .serialized)
struct CrashTests {
    static let straceExists = FileManager.default.isExecutableFile(atPath: "/usr/bin/strace")

    @Test("Every acknowledged write survives a kill in the middle of others", arguments: [1, 20, 150, 400])
    func killed(afterLines lines: Int) async throws {
        let scratch = try ScratchDirectory()
        for round in 0..<3 {
            let report = try run(
                fixture, ["\(scratch.path)/metadata.sqlite", "16", "100000"], killingAfterLines: lines + round)
            #expect(report.faults == [])
            try await expect(report, in: scratch)
        }
    }

    @Test(
        "Every acknowledged write survives a kill at each sync",
        .enabled(if: straceExists, "strace counts the syncs"), arguments: 1...24)
    func killedAtSync(number: Int) async throws {
        let scratch = try ScratchDirectory()
        let report = try run(
            "/usr/bin/strace",
            [
                "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync",
                "-e", "inject=fsync,fdatasync:signal=SIGKILL:when=\(number)", fixture,
                "\(scratch.path)/metadata.sqlite", "4", "5",
            ])
        try await expect(report, in: scratch)
    }

    @Test(
        "After a sync that failed nothing is acknowledged any more",
        .enabled(if: straceExists, "strace makes a sync fail"), arguments: 12...20)
    func failedSync(number: Int) async throws {
        let scratch = try ScratchDirectory()
        let report = try run(
            "/usr/bin/strace",
            [
                "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync",
                "-e", "inject=fsync,fdatasync:error=EIO:when=\(number)", fixture,
                "\(scratch.path)/metadata.sqlite", "4", "50",
            ])
        #expect(report.isOpen)
        #expect(report.acknowledged[4] == nil)
        #expect(report.faults.count == 5)
        #expect(report.faults.allSatisfy { $0.contains("syncFailed") })
        try await expect(report, in: scratch)
    }

    private var fixture: String {
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appendingPathComponent("sqlite-writer-fixture").path
    }

    private func expect(_ report: WriterReport, in scratch: ScratchDirectory) async throws {
        try await withStore(in: scratch) { store in
            try await expectNoProblems(of: store)
            let entries = try await store.entries(from: 0, limit: 1_000_000)
            for (task, number) in report.acknowledged {
                let name = try MetadataSamples.name("task-\(task)")
                let record = try #require(try await store.record(named: name, in: .default)).record
                // Another round, or a write that was not answered, may have come after it.
                #expect(entries.contains { $0.bytes == MetadataSamples.bytes("\(name) \(number)") })
                let newest = entries.last { $0.key == record.key }
                #expect(newest?.index == record.headIndex)
                #expect(newest?.bytes == MetadataSamples.bytes("\(name) \(record.evidenceCount)"))
            }
        }
    }

    /// Runs a program to its end, or until it wrote so many lines.
    private func run(
        _ program: String, _ arguments: [String], killingAfterLines lines: Int = .max
    ) throws -> WriterReport {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var text = Data()
        while let part = try output.fileHandleForReading.read(upToCount: 4_096), !part.isEmpty {
            text.append(part)
            if text.count(where: { $0 == UInt8(ascii: "\n") }) >= lines { kill(process.processIdentifier, SIGKILL) }
        }
        process.waitUntilExit()
        // A line that the kill cut off was not said.
        let end = text.lastIndex(of: UInt8(ascii: "\n")) ?? text.startIndex
        return WriterReport(String(decoding: text[..<end], as: UTF8.self).split(separator: "\n"))
    }
}

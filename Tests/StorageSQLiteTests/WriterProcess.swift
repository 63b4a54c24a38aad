import FileTestSupport
import Foundation
import RegistryCore
import RegistryPorts
import RegistryTesting
import StorageSQLite
import Testing

/// What a writer in a process of its own said before it ended.
struct WriterReport {
    var isOpen = false
    var isClosed = false
    /// The newest acknowledged write of each task.
    var acknowledged: [Int: UInt64] = [:]
    var faults: [String] = []

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

/// The program `sqlite-writer-fixture`, built beside the tests, writing to the metadata file in a directory.
struct WriterProcess {
    static let straceExists = FileManager.default.isExecutableFile(atPath: "/usr/bin/strace")

    let directory: String
    var tasks = 4
    var writes = 5

    /// Runs it to its end.
    ///
    /// - Parameter injection: what `strace` does to its system calls, such as `fsync:error=EIO:when=3`.
    func run(injecting injection: String) throws -> WriterReport {
        let calls = injection.prefix { $0 != ":" }
        let options = ["-f", "-qq", "-o", "/dev/null", "-e", "trace=\(calls)", "-e", "inject=\(injection)"]
        return try run("/usr/bin/strace", options + [Self.program] + arguments)
    }

    /// Runs it until it said so many lines, then does something and kills it.
    func run(killingAfterLines lines: Int, _ beforeKilling: () throws -> Void = {}) throws -> WriterReport {
        try run(Self.program, arguments, lines, beforeKilling)
    }

    private var arguments: [String] { ["\(directory)/metadata.sqlite", "\(tasks)", "\(writes)"] }

    private static var program: String {
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appendingPathComponent("sqlite-writer-fixture").path
    }

    private func run(
        _ program: String, _ arguments: [String], _ lines: Int = .max, _ beforeKilling: () throws -> Void = {}
    ) throws -> WriterReport {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var text = Data()
        var isKilled = false
        while let part = try output.fileHandleForReading.read(upToCount: 4_096), !part.isEmpty {
            text.append(part)
            guard !isKilled, text.count(where: { $0 == UInt8(ascii: "\n") }) >= lines else { continue }
            try beforeKilling()
            kill(process.processIdentifier, SIGKILL)
            isKilled = true
        }
        process.waitUntilExit()
        // A line that the kill cut off was not said.
        let end = text.lastIndex(of: UInt8(ascii: "\n")) ?? text.startIndex
        return WriterReport(String(decoding: text[..<end], as: UTF8.self).split(separator: "\n"))
    }

    /// Opens what it left behind and looks for each write that it acknowledged.
    func expect(_ report: WriterReport) async throws {
        let store = try await SQLiteMetadataStore.open(at: "\(directory)/metadata.sqlite")
        do {
            try await Self.expect(report, in: store)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }

    private static func expect(_ report: WriterReport, in store: SQLiteMetadataStore) async throws {
        #expect(try await store.integrityCheck() == [])
        let size = try await store.logHead().size
        #expect(try await store.entries(from: 0, limit: .max).count == Int(size))
        for (task, number) in report.acknowledged {
            let name = try MetadataSamples.name("task-\(task)")
            let record = try #require(try await store.record(named: name, in: .default)).record
            let entries = try await store.entries(of: record.key, from: 0, limit: .max)
            // A write that was not answered any more may have come after it.
            #expect(entries.suffix(2).contains { $0.bytes == MetadataSamples.bytes("\(name) \(number)") })
            #expect(entries.last?.index == record.headIndex)
            #expect(entries.last?.bytes == MetadataSamples.bytes("\(name) \(record.evidenceCount)"))
        }
    }
}

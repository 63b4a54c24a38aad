import FileTestSupport
import Foundation
import Glibc
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
    /// The newest write that each task took for acknowledged. Where power was cut, it may have said so to nobody.
    var said: [Int: UInt64] = [:]
    var faults: [String] = []

    /// - Parameters:
    ///   - text: everything that it said. A line that its end cut off was not said.
    ///   - heard: how many bytes of that were heard before its disk was gone.
    init(_ text: [UInt8], heard: Int) {
        acknowledged = Self.writes(in: text[..<heard])
        said = Self.writes(in: text[...])
        for line in Self.lines(of: text[...]) {
            switch line {
            case "open": isOpen = true
            case "closed": isClosed = true
            case _ where Self.write(in: line) == nil: faults.append(String(line))
            default: break
            }
        }
    }

    private static func writes(in text: ArraySlice<UInt8>) -> [Int: UInt64] {
        Dictionary(lines(of: text).compactMap { write(in: $0) }, uniquingKeysWith: { $1 })
    }

    private static func write(in line: Substring) -> (task: Int, number: UInt64)? {
        let words = line.split(separator: " ")
        guard words.count == 2, let task = Int(words[0]), let number = UInt64(words[1]) else { return nil }
        return (task, number)
    }

    private static func lines(of text: ArraySlice<UInt8>) -> [Substring] {
        let end = text.lastIndex(of: UInt8(ascii: "\n")) ?? text.startIndex
        return String(decoding: text[..<end], as: UTF8.self).split(separator: "\n")
    }
}

/// The program `sqlite-writer-fixture`, built beside the tests, writing to the metadata file in a directory.
struct WriterProcess {
    static let straceExists = FileManager.default.isExecutableFile(atPath: "/usr/bin/strace")

    let directory: String
    var tasks = 4
    var writes = 5
    /// After how many pages the log is copied into the database.
    var checkpointPages = SQLiteStoreLimits().checkpointPages

    /// Runs it to its end.
    ///
    /// - Parameter injection: what `strace` does to its system calls, such as `fsync:error=EIO:when=3`.
    func run(injecting injection: String) throws -> WriterReport {
        let calls = injection.prefix { $0 != ":" }
        let options = ["-f", "-qq", "-o", "/dev/null", "-e", "trace=\(calls)", "-e", "inject=\(injection)"]
        return try run("/usr/bin/strace", options + [Self.program] + arguments)
    }

    /// Runs it until it said so many lines, then kills it.
    func run(killingAfterLines lines: Int) throws -> WriterReport {
        try run(Self.program, arguments, lines)
    }

    /// Runs it until it said so many lines, then cuts the power of its disk and kills it.
    ///
    /// It outlives its disk by a moment. What it says then is no acknowledgement: with the power nobody could have
    /// heard it, and the sync that it trusts may have been overtaken by the cut.
    func run(cuttingPowerOf disk: CuttableDisk, afterLines lines: Int) throws -> WriterReport {
        try run(Self.program, arguments, lines, disk)
    }

    private var arguments: [String] {
        ["\(directory)/metadata.sqlite", "\(tasks)", "\(writes)", "\(checkpointPages)"]
    }

    private static var program: String {
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appendingPathComponent("sqlite-writer-fixture").path
    }

    private func run(
        _ program: String, _ arguments: [String], _ lines: Int = .max, _ disk: CuttableDisk? = nil
    ) throws -> WriterReport {
        var ends: [Int32] = [-1, -1]
        // A pair of sockets, since only they are closed in other programs from the start.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        try #require(socketpair(AF_UNIX, kind, 0, &ends) == 0)
        defer { close(ends[0]) }
        let process: pid_t
        do {
            defer { close(ends[1]) }
            process = try spawn(program, arguments, output: .descriptor(ends[1]))
        }
        defer { reap(process) }
        var text: [UInt8] = []
        var linesLeft = lines
        var isKilled = false
        var heard: Int?
        while let part = try Self.readSome(ends[0]) {
            text += part
            linesLeft -= part.count { $0 == UInt8(ascii: "\n") }
            guard !isKilled, linesLeft <= 0 else { continue }
            if let disk {
                heard = text.count
                try disk.cutPower()
            }
            kill(process, SIGKILL)
            isKilled = true
        }
        try #require(disk == nil || heard != nil, "the writer ended while there was power")
        return WriterReport(text, heard: heard ?? text.count)
    }

    /// - Returns: what was said and not read yet, as soon as there is something; `nil` at the end.
    private static func readSome(_ file: Int32) throws -> ArraySlice<UInt8>? {
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(file, &bytes, bytes.count)
            if count > 0 { return bytes[..<count] }
            if count == 0 { return nil }
            guard errno == EINTR else { throw CocoaError(.fileReadUnknown) }
        }
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
            // A write that was not answered any more may have come after those that were.
            let allowed = number...(report.said[task] ?? number) + 1
            #expect(allowed.contains(record.evidenceCount), "\(name)")
            let entries = try await store.entries(of: record.key, from: 0, limit: .max)
            #expect(entries.count == Int(record.evidenceCount), "\(name)")
            let areAllThere = entries.enumerated().allSatisfy { place, entry in
                entry.bytes == MetadataSamples.bytes("\(name) \(place + 1)")
            }
            #expect(areAllThere, "\(name)")
            #expect(entries.last?.index == record.headIndex, "\(name)")
        }
    }
}

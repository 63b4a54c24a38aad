import FileTestSupport
import Testing

@Suite("A writer that is killed", .serialized)
struct CrashTests {
    @Test("Every acknowledged write survives a kill in the middle of others", arguments: [1, 20, 150, 400])
    func killed(afterLines lines: Int) async throws {
        let scratch = try ScratchDirectory()
        let writer = WriterProcess(directory: scratch.path, tasks: 16, writes: 100_000)
        for round in 0..<3 {
            let report = try writer.run(killingAfterLines: lines + round)
            #expect(report.faults == [])
            try await writer.expect(report)
        }
    }

    @Test(
        "Every acknowledged write survives a kill at each call that changes the disk",
        .enabled(if: WriterProcess.straceExists, "strace counts the calls"),
        arguments: [
            ("fdatasync", 1..<25, 1), ("fsync", 1..<2, 1), ("pwrite64", 1..<200, 7), ("ftruncate,unlink", 1..<9, 1),
        ])
    func killedAtCall(calls: String, numbers: Range<Int>, step: Int) async throws {
        for number in stride(from: numbers.lowerBound, to: numbers.upperBound, by: step) {
            let scratch = try ScratchDirectory()
            let writer = WriterProcess(directory: scratch.path)
            let report = try writer.run(injecting: "\(calls):signal=SIGKILL:when=\(number)")
            #expect(number > 1 || !report.isClosed)
            try await writer.expect(report)
        }
    }

    @Test(
        "A store does not open when a sync fails meanwhile, unless that sync was not needed",
        .enabled(if: WriterProcess.straceExists, "strace makes a sync fail"),
        arguments: [("fsync", 1)] + (1...9).map { ("fdatasync", $0) })
    func failedSyncAtOpening(call: String, number: Int) async throws {
        let scratch = try ScratchDirectory()
        let writer = WriterProcess(directory: scratch.path, tasks: 1, writes: 1)
        let report = try writer.run(injecting: "\(call):error=EIO:when=\(number)")
        if report.isOpen {
            // SQLite syncs the directory without listening. It is synced once more when all is ready.
            #expect(call == "fdatasync" && [2, 6].contains(number))
            #expect(report.faults == [])
        } else {
            #expect(report.faults.count == 1)
            #expect(report.faults.allSatisfy { $0.contains("syncFailed") })
        }
        try await writer.expect(report)
    }

    @Test(
        "After a sync that failed nothing is acknowledged any more",
        .enabled(if: WriterProcess.straceExists, "strace makes a sync fail"), arguments: 10...17)
    func failedSync(number: Int) async throws {
        let scratch = try ScratchDirectory()
        let writer = WriterProcess(directory: scratch.path, tasks: 4, writes: 50)
        let report = try writer.run(injecting: "fdatasync:error=EIO:when=\(number)")
        #expect(report.isOpen)
        #expect(report.acknowledged[4] == nil)
        #expect(report.faults.count == 5)
        #expect(report.faults.allSatisfy { $0.contains("syncFailed") })
        try await writer.expect(report)
    }

    @Test(
        "A write that the disk refuses is not acknowledged, and the next one is",
        .enabled(if: WriterProcess.straceExists, "strace makes a write fail"),
        arguments: [("EIO", "unavailable"), ("ENOSPC", "full")], [200, 231, 262])
    func failedWrite(error: (code: String, fault: String), number: Int) async throws {
        let scratch = try ScratchDirectory()
        let writer = WriterProcess(directory: scratch.path, tasks: 4, writes: 20)
        let report = try writer.run(injecting: "pwrite64:error=\(error.code):when=\(number)")
        #expect(report.isClosed)
        #expect(!report.faults.isEmpty)
        #expect(report.faults.allSatisfy { $0.contains(error.fault) })
        #expect(report.acknowledged[4] == 1)
        try await writer.expect(report)
    }
}

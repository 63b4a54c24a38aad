import FileTestSupport
import Glibc
import LinuxFiles
import Testing

@Suite("Syncs that many callers share")
struct DirectorySyncTests {
    @Test("Callers that come during a sync share the next one, which began after they came")
    func shares() async throws {
        let made = SharedCount()
        let syncs = SharedCount()
        let upTo = SharedCount()
        let sync = DirectorySync { () throws(FileFault) in
            let seen = made.value
            sched_yield()
            upTo.set(seen)
            syncs.add(1)
        }
        let pool = BlockingPool(threadsMax: 8, waitingMax: 1_000)
        try await withThrowingTaskGroup { group in
            for _ in 0..<400 {
                group.addTask {
                    try await pool.run { () throws(FileFault) in
                        let mine = made.add(1)
                        try sync.sync()
                        #expect(upTo.value >= mine)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect((1...400).contains(syncs.value))
    }

    @Test("After a failed sync nobody is told again that bytes are safe")
    func failsForGood() throws {
        let calls = SharedCount()
        let sync = DirectorySync { () throws(FileFault) in
            if calls.add(1) == 1 { throw FileFault(.sync, code: 5) }
        }
        for _ in 0..<3 {
            #expect(faultKind { () throws(FileFault) in try sync.sync() } == .syncFailed)
        }
        #expect(calls.value == 1)
    }

    @Test("A real directory syncs")
    func real() throws {
        let scratch = try ScratchDirectory()
        try scratch.write([1], as: "file")
        try DirectorySync(scratch.directory).sync()
    }
}

import FileTestSupport
import Glibc
import InspectionWorker
import LinuxFiles
import Testing

/// A pool whose children misbehave as the name of the file asks them to.
func fixturePool(
    concurrentMax: Int = 2, waitingMax: Int = 1_000, child: ChildLimits = .generous, answerBytesMax: Int = 1 << 20
) throws -> InspectorPool {
    var configuration = try fixtureConfiguration("misbehave")
    configuration.concurrentMax = concurrentMax
    configuration.waitingMax = waitingMax
    configuration.child = child
    configuration.answerBytesMax = answerBytesMax
    return InspectorPool(configuration)
}

/// Starts the program `inspector-fixture`, built beside the tests.
func fixtureConfiguration(_ behaviour: String? = nil) throws -> InspectorPool.Configuration {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &path, path.count)
    try #require(count > 0)
    let directory = String(decoding: path.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        .split(separator: "/").dropLast().joined(separator: "/")
    var configuration = InspectorPool.Configuration()
    configuration.executable = "/\(directory)/inspector-fixture"
    configuration.arguments = ["inspector-fixture", InspectorProcess.role] + (behaviour.map { [$0] } ?? [])
    configuration.child = .generous
    return configuration
}

extension ChildLimits {
    /// Enough for honest work on a busy machine.
    static let generous = ChildLimits(memoryBytesMax: 256 << 20, cpuSecondsMax: 20, wallMillisecondsMax: 60_000)
}

@Suite("Children that inspect")
struct InspectorPoolTests {
    let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory()
    }

    private func file(_ bytes: [UInt8] = [1, 2, 3], _ name: String = "file") throws -> FileDescriptor {
        try scratch.write(bytes, as: name)
        return try scratch.directory.openFile(name)
    }

    private func text(_ pool: InspectorPool, _ file: FileDescriptor, _ name: String) async throws -> String {
        String(decoding: try await pool.answer(about: file, name: name), as: UTF8.self)
    }

    @Test("A child reads the file that it was given, and its answer arrives whole", arguments: [0, 1, 3_000_000])
    func answers(size: Int) async throws {
        let bytes = patternedBytes(size)
        let pool = try fixturePool(answerBytesMax: 4 << 20)
        #expect(try await pool.answer(about: file(bytes), name: "echo") == bytes)
    }

    @Test("The name reaches the child, cut between characters where it is too long")
    func passesNames() async throws {
        let pool = try fixturePool()
        let file = try file()
        #expect(try await text(pool, file, "modèle.gguf") == "modèle.gguf")
        let long = String(repeating: "é", count: 2_000)
        #expect(try await text(pool, file, long) == String(repeating: "é", count: 512))
    }

    @Test(
        "Whatever ends a child is told apart, and the next inspection works",
        arguments: [
            ("trap", [SIGILL, SIGTRAP, SIGABRT]), ("segfault", [SIGSEGV]),
            ("allocate", [SIGILL, SIGTRAP, SIGSEGV, SIGABRT]),
            ("fork", [SIGSYS]),
        ])
    func crashes(name: String, signals: [Int32]) async throws {
        let pool = try fixturePool()
        let file = try file()
        do throws(InspectionFailure) {
            let answer = try await pool.answer(about: file, name: name)
            Issue.record("a child that should have died answered \(answer)")
        } catch {
            guard case .crashed(let signal) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(signals.contains(signal))
        }
        #expect(try await text(pool, file, "size") == "3")
    }

    @Test(
        "A child that computes or waits for ever is ended, even one that turns a deaf ear",
        arguments: ["spin", "sleep", "deaf"])
    func timesOut(name: String) async throws {
        let pool = try fixturePool(
            child: ChildLimits(memoryBytesMax: 64 << 20, cpuSecondsMax: 1, wallMillisecondsMax: 300))
        let file = try file()
        await #expect(throws: InspectionFailure.timedOut) { try await pool.answer(about: file, name: name) }
        #expect(try await text(pool, file, "size") == "3")
    }

    @Test("The processor's time is limited even where the clock's is not")
    func limitsProcessorTime() async throws {
        let pool = try fixturePool(
            child: ChildLimits(memoryBytesMax: 64 << 20, cpuSecondsMax: 1, wallMillisecondsMax: 120_000))
        let file = try file()
        await #expect(throws: InspectionFailure.timedOut) { try await pool.answer(about: file, name: "spin") }
    }

    @Test("An answer that is too long is cut off, and the child with it")
    func boundsAnswers() async throws {
        let pool = try fixturePool(answerBytesMax: 1 << 20)
        let file = try file()
        await #expect(throws: InspectionFailure.tooLarge) { try await pool.answer(about: file, name: "huge") }
        #expect(try await text(pool, file, "size") == "3")
    }

    @Test("A child that gives up says nothing about the file")
    func exits() async throws {
        let pool = try fixturePool()
        let file = try file()
        await #expect(throws: InspectionFailure.ended(status: 3)) { try await pool.answer(about: file, name: "exit") }
    }

    @Test("A descriptor that could write, or is no file, is not inspected")
    func refusesWritable() async throws {
        let pool = try fixturePool()
        let writable = try scratch.directory.createFile("writable", permissions: 0o600)
        await #expect(throws: InspectionFailure.ended(status: 66)) {
            try await pool.answer(about: writable, name: "size")
        }
        let pipe = try FileDescriptor.pipe()
        await #expect(throws: InspectionFailure.ended(status: 66)) {
            try await pool.answer(about: pipe.reading, name: "size")
        }
    }

    @Test(
        "A child that was taken over has nothing but the file and its pipe",
        arguments: [
            ("open", "-1 \(EPERM)"), ("write", "-1 \(EPERM)"), ("shout", "-1 \(EPERM)"), ("environment", ""),
            ("kill", "-1 \(EPERM)"), ("descriptors", "0 1 2 3 4"),
        ])
    func isPoor(name: String, expected: String) async throws {
        let pool = try fixturePool()
        #expect(try await text(pool, file(), name) == expected)
    }

    @Test("A system call that is on no list ends the child", arguments: ["socket", "chmod"])
    func endsForbiddenCalls(name: String) async throws {
        let pool = try fixturePool()
        let file = try file()
        await #expect(throws: InspectionFailure.crashed(signal: SIGSYS)) {
            try await pool.answer(about: file, name: name)
        }
    }

    @Test("The self-test finds every forbidden thing refused")
    func selfTest() async throws {
        let report = try await fixturePool().selfTest()
        #expect(report.possible.isEmpty, "\(report.possible)")
        #expect(report.hasSystemCallFilter)
        #expect(report.isTight)
    }

    @Test("Many inspections at a time each get their own answer")
    func keepsApart() async throws {
        let pool = try fixturePool(concurrentMax: 4)
        let files = try (0..<8).map { try file(patternedBytes(10_000 + $0, seed: UInt64($0)), "file\($0)") }
        try await withThrowingTaskGroup { group in
            for index in 0..<200 {
                group.addTask {
                    let which = index % files.count
                    let answer = try await pool.answer(about: files[which], name: "echo")
                    #expect(answer == patternedBytes(10_000 + which, seed: UInt64(which)))
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("More inspections than may wait are refused, not lost or judged")
    func overload() async throws {
        let pool = try fixturePool(
            concurrentMax: 1, waitingMax: 1,
            child: ChildLimits(memoryBytesMax: 64 << 20, cpuSecondsMax: 5, wallMillisecondsMax: 300))
        try await pool.start()
        let file = try file()
        let failures = await withTaskGroup { group in
            for _ in 0..<6 {
                group.addTask { () async -> InspectionFailure? in
                    do throws(InspectionFailure) {
                        _ = try await pool.answer(about: file, name: "sleep")
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            var failures: [InspectionFailure?] = []
            for await failure in group { failures.append(failure) }
            return failures
        }
        #expect(failures.filter { $0 == .overloaded }.count == 4)
        #expect(failures.filter { $0 == .timedOut }.count == 2)
    }

    @Test("When the fork server dies, the next inspection starts another")
    func restarts() async throws {
        let pool = try fixturePool()
        let file = try file()
        #expect(try await text(pool, file, "size") == "3")
        let first = try #require(await pool.serverProcess())
        #expect(kill(first, SIGKILL) == 0)
        #expect(try await text(pool, file, "size") == "3")
        #expect(await pool.serverProcess() != first)
    }

    @Test("A stopped pool leaves no process behind")
    func stops() async throws {
        let pool = try fixturePool()
        try await pool.start()
        let process = try #require(await pool.serverProcess())
        await pool.stop()
        #expect(kill(process, 0) == -1)
    }

    @Test("A program that is no inspector is refused", arguments: ["/bin/true", "/bin/cat", "/nonexistent"])
    func refusesPrograms(path: String) async throws {
        var configuration = InspectorPool.Configuration()
        configuration.executable = path
        let pool = InspectorPool(configuration)
        await #expect(throws: FileFault.self) { try await pool.start() }
        let file = try file()
        await #expect(throws: InspectionFailure.unavailable) { try await pool.answer(about: file, name: "size") }
    }
}

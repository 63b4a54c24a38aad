import CLinux
import Glibc
import LinuxFiles

/// Why a program gave no answer.
enum ScannerFault: Error, Sendable, Hashable, CustomStringConvertible {
    case cannotStart(code: Int32)
    case timedOut
    case outputTooLong
    case failed(status: Int32)
    case unreadableFile(code: Int32)
    case unintelligible(String)
    case unreachable(code: Int32)
    case overloaded

    var description: String {
        switch self {
        case .cannotStart(let code): "it cannot be started (error \(code))"
        case .timedOut: "it took too long"
        case .outputTooLong: "its answer is too long"
        case .failed(let status): "it ended with status \(status)"
        case .unreadableFile(let code): "the file cannot be handed to it (error \(code))"
        case .unintelligible(let reason): "its answer cannot be read: \(reason)"
        case .unreachable(let code): "it does not answer (error \(code))"
        case .overloaded: "too much waits for it"
        }
    }
}

extension ScannerFault: PoolRefusable {
    init(refusal: PoolRefusal) { self = .overloaded }
}

/// One run of a program of others, with a file as its standard input.
struct ScannerProcess: Sendable {
    static let outputBytesMax = 1 << 20

    /// Absolute.
    var program: String
    var arguments: [String]
    var timeoutMilliseconds: UInt64
    /// What it may have in memory, besides the file itself.
    var memoryBytes: UInt64

    private static let openFilesMax: UInt64 = 64

    /// Runs it to its end. Blocks.
    ///
    /// - Parameters:
    ///   - input: its standard input; the descriptor stays the caller's.
    ///   - inputBytes: how large that is: programs map it.
    /// - Returns: its output and its exit status.
    func run(
        input: Int32, inputBytes: UInt64, until flag: CancellationFlag? = nil
    ) throws(ScannerFault) -> (output: [UInt8], status: Int32) {
        var ends: [Int32] = [-1, -1]
        let piped = clinux_pipe(&ends)
        guard piped == 0 else { throw .cannotStart(code: -piped) }
        let reading = FileDescriptor(owning: ends[0])
        let writing = FileDescriptor(owning: ends[1])
        var limits = clinux_spawn_limits(
            address_space: memoryBytes.addingReportingOverflow(inputBytes).partialValue,
            cpu_seconds: timeoutMilliseconds / 1_000 + 1, open_files: Self.openFilesMax, processes: 0)
        let process = writing.withNumber { output in
            Self.withArguments([program] + arguments) { arguments in
                clinux_spawn(program, arguments, input, output, &limits)
            }
        }
        writing.close()
        guard process > 0 else { throw .cannotStart(code: -process) }
        let deadline = Deadline(milliseconds: timeoutMilliseconds)
        let output: [UInt8]
        do throws(ScannerFault) {
            output = try Self.read(reading, until: deadline, flag)
        } catch {
            _ = clinux_end_group(process)
            throw error
        }
        let status = clinux_wait_group(process, max(1, deadline.millisecondsLeft))
        guard status >= 0 else { throw .timedOut }
        guard status != 127, status != 126 else { throw .cannotStart(code: ENOEXEC) }
        return (output, status)
    }

    private static func read(
        _ pipe: FileDescriptor, until deadline: Deadline, _ flag: CancellationFlag?
    ) throws(ScannerFault) -> [UInt8] {
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let left = deadline.millisecondsLeft
            guard left > 0, flag?.isCancelled != true else { throw .timedOut }
            let ready = pipe.withNumber { number in
                var watched = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
                // In short steps, so that whoever gives up does not wait for the program.
                return poll(&watched, 1, Int32(min(left, 200)))
            }
            guard ready != 0 else { continue }
            let count = pipe.withNumber { number in
                buffer.withUnsafeMutableBytes { Glibc.read(number, $0.baseAddress, $0.count) }
            }
            if count < 0 {
                guard errno == EINTR || errno == EAGAIN else { throw .failed(status: -errno) }
                continue
            }
            guard count > 0 else { return output }
            guard output.count + count <= outputBytesMax else { throw .outputTooLong }
            output.append(contentsOf: buffer[..<count])
        }
    }

    private static func withArguments<Result>(
        _ arguments: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = arguments.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}

/// A moment on the clock that nobody sets.
struct Deadline: Sendable {
    private let end: UInt64

    init(milliseconds: UInt64) {
        end = Self.now.addingReportingOverflow(milliseconds).partialValue
    }

    var millisecondsLeft: UInt64 {
        let now = Self.now
        return now < end ? end - now : 0
    }

    private static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
    }
}

import CLinux
import Glibc
import LinuxFiles

/// What came of one child.
enum ChildOutcome: Equatable {
    /// It ended by itself and left these bytes, which are outside data.
    case answered([UInt8])
    case failed(InspectionFailure)
    /// The fork server died before the child's end was known. The same request may be made again.
    case serverGone
}

/// Why an inspection has no report. None of them says anything about the bytes, so none of them may count for the file.
public enum InspectionFailure: Error, Sendable, Hashable {
    /// The child was ended by this signal: a trap on hostile bytes, no memory left, a forbidden system call (SIGSYS).
    case crashed(signal: Int32)
    /// The time on the clock or of the processor was used up.
    case timedOut
    /// The child gave up with this exit status.
    case ended(status: Int32)
    /// The report is longer than a report may be.
    case tooLarge
    /// What the child left is not a report on this file.
    case garbage
    /// Too many inspections wait already, or the machine has no room for another process.
    case overloaded
    /// The inspector cannot be started, or dies.
    case unavailable
}

/// One request and its answer. Blocks; for threads of a `BlockingPool`.
struct ChildExchange {
    let server: ForkServerProcess
    let limits: ChildLimits
    /// Bytes of an answer.
    let answerBytesMax: Int

    /// Milliseconds beyond the child's own alarm after which it is given up.
    private static let graceMilliseconds: UInt64 = 2_000

    ///
    /// - Parameter sink: takes the answer piece by piece instead; returns false when it has heard enough.
    func run(
        _ request: InspectorRequest, file: FileDescriptor?, sink: (([UInt8]) -> Bool)? = nil
    ) -> ChildOutcome {
        let deadline = Deadline(
            milliseconds: limits.wallMillisecondsMax.addingReportingOverflow(Self.graceMilliseconds))
        let result: (reading: FileDescriptor, writing: FileDescriptor)
        let status: (reading: FileDescriptor, writing: FileDescriptor)
        do throws(FileFault) {
            result = try FileDescriptor.pipe()
            status = try FileDescriptor.pipe()
        } catch {
            return .failed(.overloaded)
        }
        let descriptors = (file.map { [$0] } ?? []) + [result.writing, status.writing]
        guard server.send(request, descriptors) else { return .serverGone }
        result.writing.close()
        status.writing.close()

        switch read(result.reading, bytesMax: answerBytesMax, until: deadline, sink) {
        case .tooMany: return .failed(.tooLarge)
        case .late: return .failed(.timedOut)
        case .failed: return .failed(.unavailable)
        case .all(let answer):
            // The pipe was closed, so the child has ended or is about to.
            switch read(status.reading, bytesMax: ChildStatus.bytesCount, until: deadline) {
            case .late: return .failed(.timedOut)
            case .tooMany, .failed: return .failed(.unavailable)
            case .all(let bytes):
                guard let status = ChildStatus(bytes) else { return .serverGone }
                return Self.outcome(status, answer)
            }
        }
    }

    private static func outcome(_ status: ChildStatus, _ answer: [UInt8]) -> ChildOutcome {
        switch status {
        case .exited(InspectionChild.ExitStatus.answered): .answered(answer)
        case .exited(let status): .failed(.ended(status: status))
        case .signalled(SIGALRM), .signalled(SIGXCPU): .failed(.timedOut)
        case .signalled(let signal): .failed(.crashed(signal: signal))
        case .notStarted: .failed(.overloaded)
        }
    }

    private enum Reading {
        case all([UInt8])
        case tooMany
        case late
        case failed
    }

    /// Everything until the other end is closed.
    private func read(
        _ pipe: FileDescriptor, bytesMax: Int, until deadline: Deadline, _ sink: (([UInt8]) -> Bool)? = nil
    ) -> Reading {
        pipe.withNumber { number in
            var bytes: [UInt8] = []
            // Whoever takes the answer piece by piece bounds it.
            let pieceBytes = 1 << 16
            var piece = [UInt8](repeating: 0, count: sink == nil ? min(pieceBytes, bytesMax + 1) : pieceBytes)
            while true {
                let left = deadline.millisecondsLeft
                guard left > 0, Poll.waitUntilReadable(number, milliseconds: left) else { return .late }
                let count = Glibc.read(number, &piece, piece.count)
                if count < 0 && errno == EINTR { continue }
                guard count >= 0 else { return .failed }
                if count == 0 { return .all(bytes) }
                if let sink {
                    guard sink(Array(piece[..<count])) else { return .tooMany }
                    continue
                }
                guard bytes.count + count <= bytesMax else { return .tooMany }
                bytes += piece[..<count]
            }
        }
    }
}

/// A point on the clock that never goes back.
private struct Deadline {
    private let end: ContinuousClock.Instant

    init(milliseconds: (partialValue: UInt64, overflow: Bool)) {
        let day: UInt64 = 86_400_000
        end = .now + .milliseconds(milliseconds.overflow ? day : min(milliseconds.partialValue, day))
    }

    /// 0 when the time is over.
    var millisecondsLeft: Int32 {
        let left = ContinuousClock.now.duration(to: end)
        guard left > .zero else { return 0 }
        return Int32(min(left / .milliseconds(1) + 1, 86_400_000))
    }
}

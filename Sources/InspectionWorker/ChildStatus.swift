import Glibc

/// How a child ended, as the fork server saw it and as it travels to the parent: four bytes.
///
/// The child cannot write it: only the server has the pipe, and it writes after the child is gone.
enum ChildStatus: Equatable {
    /// The child ended by itself, with this exit status.
    case exited(Int32)
    /// The kernel or somebody else ended it.
    case signalled(Int32)
    /// There was no child: the machine has no room for another process.
    case notStarted

    static let bytesCount = 4
    private static let notStartedNumber: UInt32 = .max

    /// - Parameter waitStatus: as wait(2) gives it (`<bits/waitstatus.h>`).
    init(waitStatus: Int32) {
        let signal = waitStatus & 0x7F
        self = signal == 0 ? .exited((waitStatus >> 8) & 0xFF) : .signalled(signal)
    }

    init?(_ bytes: [UInt8]) {
        guard let number = UInt32(littleEndianBytes: bytes) else { return nil }
        switch number {
        case Self.notStartedNumber: self = .notStarted
        case 0...0xFF: self = .exited(Int32(number))
        case 0x100...0x17F: self = .signalled(Int32(number & 0x7F))
        default: return nil
        }
    }

    var bytes: [UInt8] {
        switch self {
        case .exited(let status): UInt32(truncatingIfNeeded: status & 0xFF).littleEndianBytes
        case .signalled(let signal): UInt32(truncatingIfNeeded: 0x100 | (signal & 0x7F)).littleEndianBytes
        case .notStarted: Self.notStartedNumber.littleEndianBytes
        }
    }

    /// Never blocks: the pipe is empty and has room for far more.
    func write(to pipe: Int32) {
        _ = Glibc.write(pipe, bytes, Self.bytesCount)
    }
}

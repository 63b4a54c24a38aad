import CLinux
import Glibc

/// Which half of the self-test a child makes: what is refused can be tried in one process, what kills needs its own.
enum SelfTestPart: UInt8, CaseIterable {
    case refused = 0
    case killed = 1
}

/// Something that an inspection child must not be able to do.
public enum SandboxProbe: String, Sendable, Hashable, CaseIterable {
    case openFile = "open a file"
    case createFile = "create a file"
    case connect = "connect to an address"
    case execute = "start a program"
    case signal = "signal another process"
    case readMemory = "read the memory of another process"
    case mapCode = "make memory executable"
    case readLog = "read the log of the server"
    case fork = "start a process"

    /// What the parent expects of the child that tries it.
    var part: SelfTestPart {
        self == .fork ? .killed : .refused
    }

    fileprivate var number: clinux_probe {
        switch self {
        case .openFile: CLINUX_PROBE_OPEN
        case .createFile: CLINUX_PROBE_CREATE
        case .connect: CLINUX_PROBE_CONNECT
        case .execute: CLINUX_PROBE_EXECUTE
        case .signal: CLINUX_PROBE_SIGNAL
        case .readMemory: CLINUX_PROBE_READ_MEMORY
        case .mapCode: CLINUX_PROBE_MAP_CODE
        case .readLog: CLINUX_PROBE_READ_LOG
        case .fork: CLINUX_PROBE_FORK
        }
    }

    /// Tries it, with `process` for a victim.
    ///
    /// - Returns: true when it was refused.
    func isRefused(process: Int32) -> Bool {
        clinux_try(number, process) < 0
    }
}

/// What keeps an inspection child in its place on this machine.
public struct SandboxReport: Sendable, Hashable {
    /// Version of Landlock in force, 0 where the kernel has none.
    public let landlockVersion: Int
    /// The system-call filter is in force.
    public let hasSystemCallFilter: Bool
    /// What a child could do although it must not. Empty on a machine that is fit for inspection.
    public let possible: Set<SandboxProbe>

    public var isTight: Bool { possible.isEmpty && hasSystemCallFilter }
}

/// The answer of a child that tried one half: a byte for each probe, 1 when it was refused, in the order of the cases.
enum SelfTestAnswer {
    static func bytes(of part: SelfTestPart, process: Int32) -> [UInt8] {
        SandboxProbe.allCases.filter { $0.part == part }.map { $0.isRefused(process: process) ? 1 : 0 }
    }

    /// What was possible; everything, unless the child says clearly that it was refused.
    static func possible(of part: SelfTestPart, in bytes: [UInt8]) -> Set<SandboxProbe> {
        let probes = SandboxProbe.allCases.filter { $0.part == part }
        guard bytes.count == probes.count else { return Set(probes) }
        return Set(zip(probes, bytes).filter { $0.1 != 1 }.map(\.0))
    }
}

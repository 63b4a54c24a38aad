import CLinux
import Glibc

/// The sandbox of the fork server and of its children, in the order in which it must close.
///
/// Everything here runs in a process with one thread and cannot be undone. What a kernel lacks is reported rather than
/// refused here: the parent decides, after the self-test, whether that is enough.
enum Sandbox {
    /// What is in force in the fork server.
    struct Layers: Equatable {
        var landlockVersion: Int
        var hasSystemCallFilter: Bool
    }

    /// Descriptors that the server may have open: its socket, the child signal and the pipes of the children in flight.
    static let serverDescriptorsMax: UInt64 = 1024

    /// Gives up what the fork server does not need.
    static func enterServer() -> Layers {
        _ = clinux_set_no_new_privileges()
        _ = clinux_set_undumpable()
        _ = clinux_set_limit(CLINUX_RESOURCE_CORE, 0)
        _ = clinux_set_limit(CLINUX_RESOURCE_FILE_SIZE, 0)
        _ = clinux_set_limit(CLINUX_RESOURCE_LOCKED_MEMORY, 0)
        _ = clinux_set_limit(CLINUX_RESOURCE_QUEUE_BYTES, 0)
        _ = clinux_set_limit(CLINUX_RESOURCE_OPEN_FILES, serverDescriptorsMax)
        let landlock = clinux_landlock_deny_all()
        let filter = clinux_seccomp_install(CLINUX_SECCOMP_FORK_SERVER, -1)
        return Layers(landlockVersion: max(0, Int(landlock)), hasSystemCallFilter: filter == 0)
    }

    /// Gives up what a child does not need. From here on it can read `file`, compute, and write to `result`.
    ///
    /// - Parameter programBytes: address space that the program occupied before any request.
    /// - Returns: false when a limit that every Linux has could not be set; then the child must end.
    static func enterChild(limits: ChildLimits, programBytes: UInt64, result: Int32, hasFilter: Bool) -> Bool {
        let (memory, overflow) = programBytes.addingReportingOverflow(limits.memoryBytesMax)
        guard clinux_set_alarm(limits.wallMillisecondsMax) == 0 else { return false }
        // A second Landlock domain inside the server's: the child cannot signal the server or its siblings either.
        // It needs a descriptor, so it comes before the limit on those.
        _ = clinux_landlock_deny_all()
        guard
            clinux_set_limit(CLINUX_RESOURCE_ADDRESS_SPACE, overflow ? UInt64.max : memory) == 0,
            clinux_set_limit(CLINUX_RESOURCE_CPU_SECONDS, limits.cpuSecondsMax) == 0,
            clinux_set_limit(CLINUX_RESOURCE_PROCESSES, 0) == 0,
            clinux_set_limit(CLINUX_RESOURCE_OPEN_FILES, 0) == 0
        else { return false }
        return !hasFilter || clinux_seccomp_install(CLINUX_SECCOMP_READER, result) == 0
    }

    /// Bytes of address space that this process occupies; 0 where /proc is not mounted.
    static func programBytes() -> UInt64 {
        let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return 0 }
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 64)
        let count = read(file, &text, text.count)
        guard count > 0, let pages = UInt64(String(decoding: text[..<count].prefix { $0 != 0x20 }, as: UTF8.self))
        else { return 0 }
        return pages.multipliedReportingOverflow(by: UInt64(max(sysconf(Int32(_SC_PAGESIZE)), 4096))).partialValue
    }
}

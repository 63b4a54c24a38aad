import CLinux
import Glibc

/// The life of one forked child: shed everything, do the one piece of work, answer, end.
struct InspectionChild {
    let request: InspectorRequest
    /// Address space that the program occupied before any request.
    let programBytes: UInt64
    let hasFilter: Bool
    /// The fork server, for whose death the child must not outlive it.
    let server: pid_t

    /// How a child ends that was not ended.
    enum ExitStatus {
        static let answered: Int32 = 0
        /// The sandbox could not be closed (EX_OSERR).
        static let noSandbox: Int32 = 71
        /// The descriptor is not a regular file open for reading alone (EX_NOINPUT).
        static let badFile: Int32 = 66
        /// Nobody takes the answer (EX_IOERR).
        static let unheard: Int32 = 74
    }

    /// Where the descriptors of a child lie, above the three that go to /dev/null.
    private enum Place {
        static let result: Int32 = 3
        static let file: Int32 = 4
    }

    /// - Parameter descriptors: those of the request but the status pipe, which is the server's: the result pipe last.
    func run(_ descriptors: [Int32], _ work: ChildWork, _ view: ChildView) -> Never {
        guard clinux_set_death_signal() == 0, getppid() == server, arrange(descriptors) else {
            _exit(ExitStatus.noSandbox)
        }
        switch request {
        case .inspect(let limits, let name, let claim):
            let size = clinux_regular_file_size(Place.file)
            guard size >= 0, clinux_is_read_only(Place.file) == 1 else { _exit(ExitStatus.badFile) }
            enter(limits)
            answer(work(Place.file, UInt64(size), name, claim))
        case .view(let limits, let kind, let member):
            let size = clinux_regular_file_size(Place.file)
            guard size >= 0, clinux_is_read_only(Place.file) == 1 else { _exit(ExitStatus.badFile) }
            enter(limits)
            view(Place.file, UInt64(size), kind, member) { write($0) }
            _exit(ExitStatus.answered)
        case .selfTest(let limits, let part):
            enter(limits)
            answer(SelfTestAnswer.bytes(of: part, process: server))
        }
    }

    /// Puts the descriptors where they are expected and closes all others: the server's socket and standard error, the
    /// pipes of siblings.
    ///
    /// What was received lies above the server's own two, and so above both places.
    private func arrange(_ descriptors: [Int32]) -> Bool {
        // What the server says goes to its log, which is not for the child; standard output is /dev/null already. How a
        // child ended is told by its status, so that no word of its own is missed.
        guard clinux_duplicate_descriptor(STDOUT_FILENO, STDERR_FILENO) == 0 else { return false }
        guard let result = descriptors.last, result > Place.file, clinux_duplicate_descriptor(result, Place.result) == 0
        else { return false }
        guard descriptors.count > 1 else { return clinux_close_from(UInt32(Place.file)) == 0 }
        guard clinux_duplicate_descriptor(descriptors[0], Place.file) == 0 else { return false }
        return clinux_close_from(UInt32(Place.file) + 1) == 0
    }

    private func enter(_ limits: ChildLimits) {
        let isClosed = Sandbox.enterChild(
            limits: limits, programBytes: programBytes, result: Place.result, hasFilter: hasFilter)
        if !isClosed { _exit(ExitStatus.noSandbox) }
    }

    private func answer(_ bytes: [UInt8]) -> Never {
        write(bytes)
        _exit(ExitStatus.answered)
    }

    private func write(_ bytes: [UInt8]) {
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { Glibc.write(Place.result, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { _exit(ExitStatus.unheard) }
            done += count
        }
    }
}

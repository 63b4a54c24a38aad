import Glibc

/// What a child that hostile bytes have taken over might do. The name of the file chooses.
enum Misbehaviour {
    static func perform(_ file: Int32, _ sizeBytes: UInt64, _ name: String) -> [UInt8] {
        switch name {
        case "echo": return content(file, sizeBytes)
        case "size": return Array("\(sizeBytes)".utf8)
        case "trap": return [[UInt8]()[Int(sizeBytes)]]
        case "segfault": return crash()
        case "spin": while true {}
        case "sleep": return waitForNothing()
        case "deaf": return ignoreAlarm()
        case "allocate": return allocate()
        case "huge": return [UInt8](repeating: 0x20, count: 64 << 20)
        case "exit": _exit(3)
        case "fork": return Array("\(fork())".utf8)
        case "open": return Array("\(open("/etc/passwd", O_RDONLY)) \(errno)".utf8)
        case "descriptors": return openDescriptors()
        case "write": return Array("\(write(file, "x", 1)) \(errno)".utf8)
        case "shout": return Array("\(write(STDERR_FILENO, "shouted", 7)) \(errno)".utf8)
        case "environment": return environment()
        case "socket": return Array("\(recv(3, nil, 0, 0)) \(errno)".utf8)
        case "kill": return Array("\(kill(-1, SIGKILL)) \(errno)".utf8)
        case "chmod": return Array("\(fchmod(file, 0o777))".utf8)
        default: return Array(name.utf8)
        }
    }

    private static func content(_ file: Int32, _ sizeBytes: UInt64) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(sizeBytes))
        let count = pread(file, &bytes, bytes.count, 0)
        return Array(bytes.prefix(max(count, 0)))
    }

    private static func crash() -> [UInt8] {
        UnsafeMutablePointer<UInt8>(bitPattern: 8)?.pointee = 1
        return []
    }

    private static func waitForNothing() -> [UInt8] {
        // A lock that nobody gives back: the futex call is allowed, and never returns.
        var mutex = pthread_mutex_t()
        pthread_mutex_init(&mutex, nil)
        pthread_mutex_lock(&mutex)
        pthread_mutex_lock(&mutex)
        return []
    }

    /// Tries to outlive the alarm.
    private static func ignoreAlarm() -> [UInt8] {
        signal(SIGALRM, SIG_IGN)
        var signals = sigset_t()
        sigfillset(&signals)
        sigprocmask(SIG_BLOCK, &signals, nil)
        return waitForNothing()
    }

    private static func allocate() -> [UInt8] {
        var kept: [[UInt8]] = []
        for _ in 0..<160 { kept.append([UInt8](repeating: 1, count: 64 << 20)) }
        return Array("\(kept.count)".utf8)
    }

    /// Numbers of the descriptors that can be read from or written to at all.
    private static func openDescriptors() -> [UInt8] {
        var numbers: [String] = []
        for number in Int32(0)..<256 {
            // Reading nothing from a place that does not exist fails with EBADF for closed descriptors alone.
            errno = 0
            if pread(number, nil, 0, 0) == 0 || errno != EBADF { numbers.append("\(number)") }
        }
        return Array(numbers.joined(separator: " ").utf8)
    }

    private static func environment() -> [UInt8] {
        let names = ["PATH", "HOME", "SWIFT_BACKTRACE", "SERVICE_TOKEN_PATH"]
        return Array(names.filter { getenv($0) != nil }.joined(separator: " ").utf8)
    }
}

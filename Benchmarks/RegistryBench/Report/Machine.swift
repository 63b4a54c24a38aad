import Glibc

/// What the numbers were measured on, in a line.
struct Machine: Sendable, CustomStringConvertible {
    let description: String

    static func current() -> Machine {
        let processor = field("model name", in: "/proc/cpuinfo") ?? "unknown processor"
        let memory = field("MemTotal", in: "/proc/meminfo")?.split(separator: " ").first.flatMap { UInt64($0) } ?? 0
        let kernel = text("/proc/sys/kernel/osrelease")?.split(separator: "\n").first.map(String.init) ?? "?"
        let load = text("/proc/loadavg")?.split(separator: " ").first.map(String.init) ?? "?"
        let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        return Machine(
            description:
                "\(processor), \(cores) cores, \(memory / 1_048_576) GiB, Linux \(kernel); load \(load) at the start.")
    }

    private static func field(_ name: String, in path: String) -> String? {
        text(path)?.split(separator: "\n").first { $0.hasPrefix(name) }?.split(separator: ":").last.map {
            String($0.drop { $0 == " " || $0 == "\t" })
        }
    }

    private static func text(_ path: String) -> String? {
        SystemFile.read(path).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// Files of the kernel, which have no size.
enum SystemFile {
    static func read(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(file, &piece, piece.count)
            guard count > 0 else { return count == 0 ? bytes : nil }
            bytes += piece[..<count]
        }
    }
}

/// The table goes to standard output, everything else to standard error.
enum Output {
    static func write(_ text: String) { write(text, to: STDOUT_FILENO) }

    static func progress(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    private static func write(_ text: String, to stream: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(stream, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

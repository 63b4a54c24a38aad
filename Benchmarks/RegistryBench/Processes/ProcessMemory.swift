import Foundation
import Glibc
import Synchronization

/// What the kernel says of a process.
enum ProcessStatus {
    /// The most memory that it ever had resident, in bytes.
    static func residentBytesMax(_ process: pid_t) -> UInt64? { field("VmHWM:", of: process) }

    /// What it has resident now, in bytes.
    static func residentBytes(_ process: pid_t) -> UInt64? { field("VmRSS:", of: process) }

    /// Processor time used so far, in seconds.
    static func processorSeconds(_ process: pid_t) -> Double {
        guard let bytes = SystemFile.read("/proc/\(process)/stat") else { return 0 }
        // After the name, which is in brackets and may hold anything: fields 14 and 15 of proc(5).
        let text = String(decoding: bytes, as: UTF8.self)
        guard let bracket = text.lastIndex(of: ")") else { return 0 }
        let fields = text[text.index(after: bracket)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    static func programName(_ process: pid_t) -> String? {
        SystemFile.read("/proc/\(process)/comm").map { String(decoding: $0.dropLast(), as: UTF8.self) }
    }

    static func children(of process: pid_t) -> [pid_t] {
        tasks(of: process).flatMap { task in
            guard let bytes = SystemFile.read("/proc/\(process)/task/\(task)/children") else { return [pid_t]() }
            return String(decoding: bytes, as: UTF8.self).split(separator: " ").compactMap { pid_t($0) }
        }
    }

    private static func tasks(of process: pid_t) -> [String] {
        guard let directory = opendir("/proc/\(process)/task") else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.first?.isNumber == true { names.append(name) }
        }
        return names
    }

    private static func field(_ name: String, of process: pid_t) -> UInt64? {
        guard let bytes = SystemFile.read("/proc/\(process)/status") else { return nil }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where line.hasPrefix(name) {
            return line.split { $0 == " " || $0 == "\t" }.dropFirst().first.flatMap { UInt64($0) }.map { $0 * 1_024 }
        }
        return nil
    }
}

/// Looks again and again how much memory the children of a process have resident.
///
/// The high-water mark of a process only grows, so the last look before its end is off by what it took since. Looking
/// every millisecond, as children of a few milliseconds need it, takes time from what uses all cores.
final class MemoryWatch: Sendable {
    private struct State {
        var highest: UInt64 = 0
        var seen: Set<pid_t> = []
        var isOver = false
    }

    private let state = Mutex(State())

    /// - Parameters:
    ///   - name: looks only at children that run this program. Until it runs its program, a child has the memory of
    ///     whoever started it; the kernel's own sum of a child's resources (`ru_maxrss`) counts that, too.
    ///   - milliseconds: between two looks.
    init(childrenOf process: pid_t, running name: String? = nil, every milliseconds: UInt32 = 1) {
        watch(name, milliseconds) { ProcessStatus.children(of: process) }
    }

    /// Looks at the children's children and theirs as well.
    init(descendantsOf process: pid_t, running name: String, every milliseconds: UInt32) {
        watch(name, milliseconds) {
            var all = ProcessStatus.children(of: process)
            var next = 0
            while next < all.count, all.count < 1_000 {
                all += ProcessStatus.children(of: all[next])
                next += 1
            }
            return all
        }
    }

    private func watch(_ name: String?, _ milliseconds: UInt32, _ processes: @escaping @Sendable () -> [pid_t]) {
        Thread.detachNewThread {
            while !self.state.withLock({ $0.isOver }) {
                for child in processes()
                where name == nil || name == ProcessStatus.programName(child) {
                    self.look(at: child)
                }
                usleep(milliseconds * 1_000)
            }
        }
    }

    /// - Returns: the highest of all children in bytes, and how many there were.
    func end() -> (bytes: UInt64, children: Int) {
        state.withLock { state in
            state.isOver = true
            return (state.highest, state.seen.count)
        }
    }

    private func look(at child: pid_t) {
        guard let bytes = ProcessStatus.residentBytesMax(child) else { return }
        state.withLock { state in
            state.highest = max(state.highest, bytes)
            state.seen.insert(child)
        }
    }
}

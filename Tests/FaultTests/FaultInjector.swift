import FileTestSupport
import Foundation
import Glibc
import ServerFixture
import Synchronization

/// Runs a program of the registry under `fault-injector`, which counts the calls that change, confirm or answer for
/// what is stored, and strikes at one of them.
final class FaultInjector: Sendable {
    /// Calls that count as points.
    struct Kinds: OptionSet, Sendable {
        let rawValue: Int64

        static let syncs = Kinds(rawValue: 1)
        static let writes = Kinds(rawValue: 2)
        static let names = Kinds(rawValue: 4)
        static let answers = Kinds(rawValue: 8)
        static let reads = Kinds(rawValue: 16)
        static let removals = Kinds(rawValue: 32)
        /// Everything after which something is on the disk, or promised, that was not before.
        static let durable: Kinds = [.syncs, .writes, .names, .removals, .answers]
    }

    enum Strike: Sendable {
        case nothing
        /// The program is killed before the call is made.
        case kill
        /// The call is not made and gives this error.
        case fail(Int32)

        fileprivate var action: Int64 {
            switch self {
            case .nothing: 0
            case .kill: -Int64(SIGKILL)
            case .fail(let error): Int64(error)
            }
        }
    }

    /// Goes before the program and its arguments.
    let command: [String]
    private let scratch: ScratchDirectory
    private let file: Int32
    private let generation = Atomic<Int64>(0)

    private static let fields = 7

    /// - Parameters:
    ///   - store: the directory whose files count.
    ///   - seesReads: reads of files can be points, too; slow.
    init(store: String, seesReads: Bool = false) throws {
        scratch = try ScratchDirectory()
        let control = scratch.path + "/control"
        command =
            ["\(BuiltPrograms.folder)/fault-injector", control, scratch.path + "/points", store]
            + (seesReads ? ["--reads"] : [])
        file = open(control, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0, ftruncate(file, off_t(Self.fields * 8)) == 0 else {
            throw FixtureFault("\(control): errno \(errno)")
        }
    }

    deinit { close(file) }

    /// Counts points from here on.
    ///
    /// - Parameters:
    ///   - first: the point at which it strikes, from 1 on.
    ///   - length: at how many points from there.
    func arm(_ strike: Strike, at kinds: Kinds = .durable, first: Int = 1, length: Int = .max) {
        truncate(scratch.path + "/points", 0)
        write([kinds.rawValue, Int64(first), Int64(length), strike.action], at: 1)
        write([generation.add(1, ordering: .sequentiallyConsistent).newValue], at: 0)
    }

    func disarm() { write([0], at: 0) }

    /// Kills a server that runs under it, and waits until it is gone: killed itself, it would leave that to the kernel,
    /// which takes its time.
    func kill(_ registry: RunningRegistry) async {
        registry.process.send(SIGUSR1)
        await registry.process.wait()
    }

    /// Points since it was armed.
    var seen: Int { read(5) }
    /// How often it struck since it was armed.
    var struck: Int { read(6) }
    /// The points since it was armed: number, call and path of each.
    var points: [String] {
        String(decoding: FileManager.default.contents(atPath: scratch.path + "/points") ?? Data(), as: UTF8.self)
            .split(separator: "\n").map(String.init)
    }

    private func write(_ values: [Int64], at index: Int) {
        values.withUnsafeBytes { _ = pwrite(file, $0.baseAddress, $0.count, off_t(index * 8)) }
    }

    private func read(_ index: Int) -> Int {
        var value: Int64 = 0
        return pread(file, &value, 8, off_t(index * 8)) == 8 ? Int(value) : 0
    }
}

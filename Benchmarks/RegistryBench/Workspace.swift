import Dispatch
import Glibc

/// The directory in which everything of a run lies.
struct Workspace: Sendable {
    let path: String

    init(in parent: String) throws(BenchFault) {
        var template = Array("\(parent)/registry-bench-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw .system("\(parent) cannot be written") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// A directory in here, made if it is not there.
    func directory(_ name: String) throws(BenchFault) -> String {
        let directory = "\(path)/\(name)"
        guard mkdir(directory, 0o755) == 0 || errno == EEXIST else { throw .system("mkdir \(directory)") }
        return directory
    }

    /// Removes it when somebody ends the run.
    func removeOnSignals() -> [any DispatchSourceSignal] {
        [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                ChildProcess.endAll()
                remove()
                exit(128 + number)
            }
            source.activate()
            return source
        }
    }

    /// Whatever is mounted in here goes with it.
    func remove() {
        _ = try? ChildProcess.run(["/bin/umount", "--lazy", Volume.mountPoint(in: self)], output: .discarded)
        _ = try? ChildProcess.run(["/bin/rm", "-rf", path])
    }
}

/// A view of the mounts that ends with this process, so that a run that is cut off leaves no mount behind.
enum PrivateMounts {
    /// Told to ourselves, so that it happens once.
    static let flag = "--mounts-are-private"

    /// Starts this program again by unshare(1), in the same process. Returns where that cannot be done.
    static func enter() {
        guard geteuid() == 0, !CommandLine.arguments.contains(flag), let program = ThisProgram.path,
            // Root of a container may not be allowed to.
            let attempt = try? ChildProcess.run(["unshare", "--mount", "true"], errors: "/dev/null"),
            attempt.status == 0
        else { return }
        let arguments =
            ["unshare", "--mount", "--propagation", "private", program, flag] + CommandLine.arguments.dropFirst()
        var texts = arguments.map { strdup($0) }
        texts.append(nil)
        execvp("unshare", texts)
        for text in texts { free(text) }
    }
}

/// Where the program lies that is running.
enum ThisProgram {
    static var path: String? {
        var characters = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &characters, characters.count)
        guard count > 0 else { return nil }
        return String(decoding: characters[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Where registries lie: an XFS of our own where that can be made, because it shares blocks between files, and because
/// hundreds of thousands of files go with it at once; else a directory.
struct Volume: Sendable {
    let path: String
    let sharesBlocks: Bool
    /// What to say of it in the table.
    var description: String { sharesBlocks ? "XFS, blocks shared" : "bytes copied" }

    static func mountPoint(in workspace: Workspace) -> String { workspace.path + "/volume" }

    static func make(in workspace: Workspace, bytes: UInt64) -> Volume {
        let path = mountPoint(in: workspace)
        _ = mkdir(path, 0o755)
        let image = workspace.path + "/volume.xfs"
        let file = open(image, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard file >= 0, ftruncate(file, Int(bytes)) == 0 else { return Volume(path: path, sharesBlocks: false) }
        close(file)
        let steps = [
            ["/sbin/mkfs.xfs", "-q", "-m", "reflink=1", image], ["/bin/mount", "-o", "loop", image, path],
        ]
        for step in steps {
            guard let result = try? ChildProcess.run(step, output: .discarded), result.status == 0 else {
                unlink(image)
                return Volume(path: path, sharesBlocks: false)
            }
        }
        return Volume(path: path, sharesBlocks: true)
    }

    /// A fresh directory on it.
    func directory(_ name: String) throws(BenchFault) -> String {
        let directory = "\(path)/\(name)"
        guard mkdir(directory, 0o755) == 0 else { throw .system("mkdir \(directory)") }
        return directory
    }
}

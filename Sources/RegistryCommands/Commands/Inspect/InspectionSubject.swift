internal import Inspection
internal import LinuxFiles

/// One thing that a command line leads to.
enum InspectionSubject: Sendable {
    /// A path that the user named, which is no directory.
    case named(String)
    /// A file beneath a directory that the user named.
    case beneath(Directory, name: String, shown: String)
    /// A link, device or pipe beneath such a directory. What it leads to is not looked at.
    case notRegular(String)
    /// A path that leads to nothing.
    case absent(String, CommandFailure)

    /// What `path` leads to: itself, or everything beneath it in the order of the names' bytes. Links beneath it are
    /// not followed.
    static func all(at path: String) -> [InspectionSubject] {
        guard let directory = try? Directory(path: path) else { return [.named(path)] }
        let tree: FileTree
        do throws(CommandFailure) {
            tree = try FileTree(path)
        } catch {
            return [.absent(path, error)]
        }
        guard !tree.files.isEmpty || !tree.others.isEmpty else {
            return [.absent(path, CommandFailure(.noInput, "\(path) holds no file."))]
        }
        let prefix = path.hasSuffix("/") ? path : path + "/"
        return tree.files.map { .beneath(directory, name: $0, shown: prefix + $0) }
            + tree.others.map { .notRegular(prefix + $0) }
    }

    /// Whatever goes wrong is a result: the other files still count.
    func inspected(by inspector: any FileInspector) async -> InspectedFile {
        let shown: String
        let file: LocalFile
        // Under which name it would be published.
        let name: String
        do throws(CommandFailure) {
            switch self {
            case .notRegular(let path): return InspectedFile(path, refusal: "not a regular file")
            case .absent(let path, let failure): return InspectedFile(path, failure)
            case .named(let path):
                shown = path
                file = try LocalFile(path)
                name = file.name
            case .beneath(let directory, let path, let whole):
                shown = whole
                file = try LocalFile(path, in: directory, at: whole)
                name = path
            }
        } catch {
            return InspectedFile(path, error)
        }
        do throws(InspectionRefusal) {
            return InspectedFile(
                shown, try await inspector.inspect(file.descriptor, sizeBytes: file.sizeBytes, name: name))
        } catch {
            return InspectedFile(shown, refusal: error.reason)
        }
    }

    private var path: String {
        switch self {
        case .named(let path), .notRegular(let path), .absent(let path, _): path
        case .beneath(_, _, let shown): shown
        }
    }
}

extension InspectedFile {
    fileprivate init(_ path: String, _ failure: CommandFailure) {
        self.init(path, refusal: failure.message, fault: failure.status)
    }
}

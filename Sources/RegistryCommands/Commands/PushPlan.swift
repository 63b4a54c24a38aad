internal import LinuxFiles
internal import RegistryCore

/// What is uploaded under which name. Made and checked before the first byte is sent.
enum PushPlan: Sendable {
    case file(path: String, name: ArtifactName)
    case directory(PushedDirectory, name: ArtifactName)

    init(_ path: String, name: ArtifactName?) throws(CommandFailure) {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard (try? Directory(path: path)) != nil else {
            if let name {
                self = .file(path: path, name: name)
            } else {
                self = .file(path: path, name: try Self.name(String(path.split(separator: "/").last ?? ""), of: path))
            }
            return
        }
        guard let name else {
            throw CommandFailure(.usage, "A directory needs a name: --as NAME.")
        }
        self = .directory(try PushedDirectory(path), name: name)
    }

    private static func name(_ text: String, of file: String) throws(CommandFailure) -> ArtifactName {
        do {
            return try ArtifactName(parsing: text)
        } catch {
            throw CommandFailure(
                .usage, "\(file) cannot lend its name to an artifact: \(error.rawValue).", hint: "Name it: --as NAME.")
        }
    }
}

/// The files of a directory that becomes one artifact: the ones that the registry would take in if the directory lay
/// beneath its own, so that both ways give the same digest.
struct PushedDirectory: Sendable {
    /// What tools keep for themselves beside a model: a checkout's history, a hub client's cache.
    static let skippedNames: Set<String> = [".git", ".cache"]
    static let filesMax = 10_000

    /// - Returns: `nil` when `path` names something else than a directory.
    static func ifDirectory(_ path: String) throws(CommandFailure) -> PushedDirectory? {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard (try? Directory(path: path)) != nil else { return nil }
        return try PushedDirectory(path)
    }

    let path: String
    /// Relative to the directory, sorted by their bytes.
    let files: [RelativePath]
    /// What is there and is not sent.
    let skipped: [String]

    init(_ path: String) throws(CommandFailure) {
        let tree = try FileTree(path, skipping: Self.skippedNames)
        if let other = tree.others.first {
            throw CommandFailure(.noInput, "\(path)/\(other) is no regular file: a directory is sent whole or not.")
        }
        guard !tree.files.isEmpty else { throw CommandFailure(.noInput, "\(path) holds no file to upload.") }
        guard tree.files.count <= Self.filesMax else {
            throw CommandFailure(.dataError, "\(path) holds more than \(Self.filesMax) files.")
        }
        self.path = path
        skipped = tree.skipped
        var files: [RelativePath] = []
        for file in tree.files {
            do { files.append(try RelativePath(parsing: file)) } catch {
                throw CommandFailure(.dataError, "\(path)/\(file) cannot be part of an artifact: \(error.rawValue).")
            }
        }
        self.files = files
    }

    /// What the directory itself is called.
    var name: String? {
        let last = path.split(separator: "/").last.map(String.init) ?? ""
        return (try? RelativePath(parsing: last))?.description
    }
}

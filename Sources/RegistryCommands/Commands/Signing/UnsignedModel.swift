internal import Attestation
internal import LinuxFiles
internal import OCI
internal import SignatureKeys
internal import Signing

/// A directory whose files are to be listed and signed (OpenSSF model signing).
struct UnsignedModel: Sendable {
    let path: String
    private let files: [String]
    private let ignored: [String]

    /// Left out by everyone who signs models: what git keeps is not the model.
    private static let ignoredAlways = [".git", ".gitattributes", ".github", ".gitignore"]

    /// - Parameters:
    ///   - ignored: paths within the directory; or paths that lead there from where we are.
    ///   - bundle: where the signature is going to be: left out where that is within the directory.
    init(_ path: String, ignoring ignored: [String], bundle: String) throws(CommandFailure) {
        var all = Self.ignoredAlways
        for name in ignored {
            var name = name
            while name.hasSuffix("/") { name.removeLast() }
            guard Self.isRelative(name) else {
                throw CommandFailure(.usage, "--ignore takes paths within the directory, without . and .. in them.")
            }
            all.append(name)
        }
        if let inside = try Self.position(of: bundle, in: path) { all.append(inside) }
        // By bytes: names that look the same may be those of two files.
        var seen: Set<[UInt8]> = []
        all = all.filter { seen.insert(Array($0.utf8)).inserted }
        guard all.count <= ModelManifest.ignoredPathsMax else {
            throw CommandFailure(.dataError, "More is ignored than anybody reads: \(ModelManifest.ignoredPathsMax).")
        }
        self.path = path
        self.ignored = all
        let tree = try FileTree(path)
        func isIgnored(_ file: String) -> Bool {
            all.contains { file.utf8.elementsEqual($0.utf8) || file.utf8.starts(with: "\($0)/".utf8) }
        }
        if let other = tree.others.first(where: { !isIgnored($0) }) {
            throw CommandFailure(
                .dataError, "\(other) is neither file nor directory, and cannot be signed.",
                hint: "Leave it out with --ignore.")
        }
        files = tree.files.filter { !isIgnored($0) }
        guard !files.isEmpty else { throw CommandFailure(.noInput, "\(path) has no files to sign.") }
        guard files.count <= ModelManifest.resourcesMax else {
            throw CommandFailure(
                .dataError, "\(path) has more files than a signature lists: \(ModelManifest.resourcesMax).")
        }
    }

    /// Hashes everything.
    func content(in context: CommandContext) async throws -> SignableContent {
        let directory: Directory
        do {
            directory = try Directory(path: path)
        } catch {
            throw CommandFailure(error, path: path)
        }
        let meter = context.meter("hashing", .items("files"), total: UInt64(files.count))
        defer { meter.finish() }
        let path = path
        let digests = try await SideBySide.map(files, width: Processors.count) { name in
            let file = try LocalFile(name, in: directory, at: "\(path)/\(name)")
            let digest = try await file.hash { _ in }.file
            meter.advance()
            return digest.bytes
        }
        let resources = zip(files, digests).map { ModelManifestDraft.Resource(name: $0, sha256: $1) }
        let statement = ModelManifestDraft(resources, ignoring: ignored).statement(named: try name)
        return .statement(statement, about: statement.subjects.first?.sha256 ?? [])
    }

    /// Of the directory itself, also where it is called `.`.
    private var name: String {
        get throws(CommandFailure) {
            let whole = try Self.canonical(path)
            return whole.split(separator: "/").last.map(String.init) ?? "/"
        }
    }

    /// The path of a file within a directory; `nil` if it is elsewhere.
    private static func position(of file: String, in directory: String) throws(CommandFailure) -> String? {
        guard let name = file.split(separator: "/").last else { return nil }
        let parent = file.dropLast(name.utf8.count)
        let folder = try canonical(parent.isEmpty ? "." : String(parent))
        let root = try canonical(directory)
        if folder.utf8.elementsEqual(root.utf8) { return String(name) }
        let prefix = root == "/" ? root : root + "/"
        guard folder.utf8.starts(with: prefix.utf8) else { return nil }
        return String(decoding: folder.utf8.dropFirst(prefix.utf8.count), as: UTF8.self) + "/" + name
    }

    private static func canonical(_ path: String) throws(CommandFailure) -> String {
        do throws(FileFault) {
            return try Directory.canonicalPath(path)
        } catch {
            throw CommandFailure(error, path: path)
        }
    }

    private static func isRelative(_ path: String) -> Bool {
        !path.isEmpty
            && path.split(separator: "/", omittingEmptySubsequences: false)
                .allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }
}

internal import LinuxFiles
internal import RegistryCore

/// Which files are uploaded under which names. Made, and all names checked, before the first byte is sent.
struct PushPlan: Sendable {
    struct Item: Sendable, Hashable {
        var path: String
        var name: ArtifactName
    }

    let items: [Item]

    /// What is there and is not sent.
    let skipped: [String]
    let isDirectory: Bool

    init(_ path: String, name: ArtifactName?) throws(CommandFailure) {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard (try? Directory(path: path)) != nil else {
            isDirectory = false
            skipped = []
            let own = String(path.split(separator: "/").last ?? "")
            let chosen: ArtifactName
            if let name { chosen = name } else { chosen = try Self.name(own, of: path) }
            items = [Item(path: path, name: chosen)]
            return
        }
        isDirectory = true
        guard let name else {
            throw CommandFailure(.usage, "A directory needs a name: --as NAME.")
        }
        let tree = try FileTree(path)
        let hidden = tree.files.filter { "/\($0)".contains("/.") }
        skipped = (hidden + tree.others).sorted()
        var items: [Item] = []
        for file in tree.files where !"/\(file)".contains("/.") {
            items.append(Item(path: "\(path)/\(file)", name: try Self.name("\(name)/\(file)", of: file)))
        }
        guard !items.isEmpty else { throw CommandFailure(.noInput, "\(path) holds no file to upload.") }
        self.items = items
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

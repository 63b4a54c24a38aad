internal import LinuxFiles

/// The regular files beneath a directory that the user named.
struct FileTree: Sendable {
    /// Paths relative to the directory, sorted by their bytes.
    let files: [String]

    /// What is there and is neither a directory nor a regular file, or has a name that is not UTF-8.
    let others: [String]

    /// What was not looked at because of its name.
    let skipped: [String]

    static let filesMax = 100_000
    static let depthMax = 32

    /// Lists the tree. Links are not followed: they are among `others`.
    ///
    /// - Parameter skippedNames: names that are left out, with everything beneath them.
    init(_ path: String, skipping skippedNames: Set<String> = []) throws(CommandFailure) {
        var files: [String] = []
        var skipped: [String] = []
        var others: [String] = []
        do throws(FileFault) {
            let root = try Directory(path: path)
            var pending: [(directory: Directory, prefix: String, depth: Int)] = [(root, "", 1)]
            while let (directory, prefix, depth) = pending.popLast() {
                for entry in try directory.entries(entriesMax: Self.filesMax) {
                    guard let name = entry.name else {
                        others.append(prefix + String(decoding: entry.nameBytes, as: UTF8.self))
                        continue
                    }
                    guard !skippedNames.contains(name) else {
                        skipped.append(prefix + name)
                        continue
                    }
                    let kind: FileKind
                    if let known = entry.kind { kind = known } else { kind = try directory.identity(of: name).kind }
                    switch kind {
                    case .regular: files.append(prefix + name)
                    case .directory:
                        guard depth < Self.depthMax else { throw FileFault(.list, .limitExceeded) }
                        pending.append((try directory.subdirectory(name), prefix + name + "/", depth + 1))
                    case .symbolicLink, .other: others.append(prefix + name)
                    }
                    guard files.count + others.count <= Self.filesMax else { throw FileFault(.list, .limitExceeded) }
                }
            }
        } catch {
            throw CommandFailure(error, path: path)
        }
        self.files = files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        self.others = others.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        self.skipped = skipped.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

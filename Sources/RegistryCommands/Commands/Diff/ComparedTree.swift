internal import LinuxFiles

/// One side of a comparison that has several files.
struct ComparedTree: Sendable {
    private enum Place: Sendable {
        case beneath(Directory)
        case layout(LayoutFiles, LayoutFiles.Item)
    }

    private let path: String
    private var places: [String: Place] = [:]
    /// Links, devices and pipes.
    private(set) var others: Set<String> = []

    /// - Returns: `nil` for what is neither a layout nor a directory.
    init?(at path: String) throws(CommandFailure) {
        self.path = path
        if let layout = try LayoutFiles(at: path) {
            for item in layout.items { places[item.name] = .layout(layout, item) }
            return
        }
        guard let directory = try? Directory(path: path) else { return nil }
        let tree = try FileTree(path)
        others = Set(tree.others)
        for name in tree.files { places[name] = .beneath(directory) }
    }

    var names: [String] { Array(places.keys) + others }

    func holds(_ name: String) -> Bool { places[name] != nil }

    /// - Parameter name: one that it holds.
    func open(_ name: String) async throws -> LocalFile {
        switch places[name] {
        case .beneath(let directory): try LocalFile(name, in: directory, at: "\(path)/\(name)")
        case .layout(let layout, let item): try await layout.open(item)
        case nil: throw CommandFailure(.noInput, "\(path)/\(name) does not exist.")
        }
    }
}

import Foundation
import TidyRules

/// Reads a work tree from the disk.
enum WorkTree {
    /// What is generated, or the work of others.
    private static let passedOver: Set<String> = [".build", ".git", ".cache", ".demo", "node_modules"]
    private static let withText: Set<String> = ["swift", "md"]

    static func read(_ root: URL) throws -> SourceTree {
        let layers = try String(contentsOf: root.appending(path: "Tools/Tidy/layers.txt"), encoding: .utf8)
        var texts: [String: String] = [:]
        var paths: Set<String> = []
        try visit(root, path: "", &texts, &paths)
        return SourceTree(texts: texts, otherPaths: paths, layers: LayerTable(parsing: layers))
    }

    /// Links to directories are not followed: they may lead out of the tree, or round in circles.
    private static func visit(
        _ directory: URL, path: String, _ texts: inout [String: String], _ paths: inout Set<String>
    ) throws {
        let keys: [URLResourceKey] = [.isDirectoryKey, .isSymbolicLinkKey]
        for entry in try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: keys) {
            let name = entry.lastPathComponent
            guard !passedOver.contains(name) else { continue }
            let entryPath = path.isEmpty ? name : "\(path)/\(name)"
            paths.insert(entryPath)
            let values = try entry.resourceValues(forKeys: Set(keys))
            if values.isSymbolicLink == true { continue }
            if values.isDirectory == true {
                try visit(entry, path: entryPath, &texts, &paths)
            } else if withText.contains(entry.pathExtension) {
                texts[entryPath] = try String(contentsOf: entry, encoding: .utf8)
            }
        }
    }
}

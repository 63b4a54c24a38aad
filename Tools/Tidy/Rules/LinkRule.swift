/// Links inside the repository point at something.
enum LinkRule {
    static func findings(in tree: SourceTree) -> [Finding] {
        let documents = tree.texts.filter { $0.key.hasSuffix(".md") }.mapValues { Markdown($0) }
        return documents.flatMap { path, document in
            document.links.compactMap { link in
                problem(link.target, at: path, documents, tree.paths).map {
                    Finding(path: path, line: link.line, rule: "link", message: "`\(link.target)`: \($0)")
                }
            }
        }
    }

    private static func problem(
        _ target: String, at path: String, _ documents: [String: Markdown], _ paths: Set<String>
    ) -> String? {
        guard !target.contains("://"), !target.hasPrefix("mailto:"), !target.hasPrefix("/") else { return nil }
        let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let destination = parts[0].isEmpty ? path : resolve(String(parts[0]), from: path)
        guard let destination, destination.isEmpty || paths.contains(destination) else {
            return "there is no such file: correct the path, or write the file"
        }
        guard parts.count == 2, let document = documents[destination] else { return nil }
        return document.anchors.contains(String(parts[1])) ? nil : "there is no such heading: correct the anchor"
    }

    /// The path relative to the root that `target` names in a file at `path`; `nil` when it leads out of the tree.
    private static func resolve(_ target: String, from path: String) -> String? {
        var parts = path.split(separator: "/").dropLast().map(String.init)
        for part in target.split(separator: "/") {
            switch part {
            case ".": break
            case "..": if parts.popLast() == nil { return nil }
            default: parts.append(String(part))
            }
        }
        return parts.joined(separator: "/")
    }
}

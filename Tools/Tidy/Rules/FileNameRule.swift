/// Files are named after the type or feature inside.
enum FileNameRule {
    private static let drawers = [
        "Utils", "Utilities", "Utility", "Helpers", "Helper", "Common", "Extensions", "Misc", "Shared",
    ]

    static func findings(in tree: SourceTree) -> [Finding] {
        tree.swiftFiles.compactMap { file in
            let parts = file.path.split(separator: "/").map { $0.hasSuffix(".swift") ? $0.dropLast(6) : $0 }
            if let drawer = parts.first(where: isDrawer) {
                return file.finding(1, "file-name", "`\(drawer)` is a drawer: name it after the type or feature inside")
            }
            if let name = parts.last, name.contains("+") {
                return file.finding(1, "file-name", "`\(name)`: name it after the feature that the extension adds")
            }
            return nil
        }
    }

    private static func isDrawer(_ name: Substring) -> Bool {
        drawers.contains { name == $0 || (name.hasSuffix($0) && name.count > $0.count) }
    }
}

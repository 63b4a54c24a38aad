/// Imports point downward only.
enum LayerRule {
    static func findings(in file: SwiftFile, _ layers: LayerTable) -> [Finding] {
        guard let module = file.module else { return [] }
        guard let level = layers.level(of: module) else {
            return [file.finding(1, "layers", "\(module) is not in Tools/Tidy/layers.txt: give it a line there")]
        }
        return file.lines.enumerated().compactMap { index, line in
            guard let imported = importedModule(line.code), let other = layers.level(of: imported), other >= level
            else {
                return nil
            }
            let relation = other == level ? "stands beside" : "stands above"
            return file.finding(
                index + 1, "layers",
                "\(imported) \(relation) \(module): move what is needed to a lower layer, or hand it in through a port")
        }
    }

    private static let kinds: Set<Substring> = [
        "struct", "class", "enum", "protocol", "typealias", "func", "let", "var",
    ]

    /// `X` in `import X`, `public import X` and `import struct X.Y`.
    static func importedModule(_ code: String) -> String? {
        let words = code.split(separator: " ")
        guard let place = words.firstIndex(of: "import"), place <= 2 else { return nil }
        let named = words[(place + 1)...].first { !kinds.contains($0) }
        return named?.split(separator: ".").first.map(String.init)
    }
}

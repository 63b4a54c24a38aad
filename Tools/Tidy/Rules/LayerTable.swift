/// The order of the modules, read from `layers.txt`.
public struct LayerTable: Sendable {
    public struct Layer: Sendable {
        public let isPure: Bool
        public let modules: Set<String>
    }

    /// Lowest first.
    public let layers: [Layer]

    public init(parsing text: String) {
        layers = text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard let purity = words.first, !purity.hasPrefix("#") else { return nil }
            return Layer(isPure: purity == "pure", modules: Set(words.dropFirst().map(String.init)))
        }
    }

    func level(of module: String) -> Int? {
        layers.firstIndex { $0.modules.contains(module) }
    }

    func isPure(_ module: String) -> Bool {
        level(of: module).map { layers[$0].isPure } ?? false
    }
}

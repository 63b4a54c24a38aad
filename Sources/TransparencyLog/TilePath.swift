/// Names one static resource of a tiled log: a tile of hashes or a bundle of entries (C2SP tlog-tiles).
///
/// The text form is `tile/<level>/<index>[.p/<width>]` or `tile/entries/<index>[.p/<width>]`, the index in groups of
/// three digits: `tile/0/x001/x234/067`. Parsing accepts the one canonical spelling only, so a path that parsed is
/// also safe to use as a relative file name.
public struct TilePath: Sendable, Hashable {
    public enum Content: Sendable, Hashable {
        /// Hashes at this level; level 0 are leaf hashes.
        case hashes(level: Int)

        /// The entries whose leaf hashes are in the level-0 tile of the same index.
        case entries
    }

    public let content: Content

    /// Position of the tile within its level.
    public let index: UInt64

    /// Hashes or entries in it: 1 to 256, below 256 for a partial tile.
    public let width: Int

    /// `nil` if level, index or width are out of range.
    public init?(_ content: Content, index: UInt64, width: Int = Tile.widthMax) {
        if case .hashes(let level) = content {
            guard (0...Self.levelMax).contains(level) else { return nil }
        }
        guard index <= Self.indexMax, (1...Tile.widthMax).contains(width) else { return nil }
        self.content = content
        self.index = index
        self.width = width
    }

    /// Whether the tile can still grow.
    public var isPartial: Bool { width < Tile.widthMax }

    /// The same tile when full: what to ask for when the partial one is gone.
    public var full: TilePath {
        TilePath(uncheckedContent: content, index: index, width: Tile.widthMax)
    }

    /// Largest level that the format can express.
    public static let levelMax = 63

    /// Largest index: one tile holds 256 of at most 2^64 hashes.
    public static let indexMax = UInt64.max >> UInt64(Tile.height)

    init(uncheckedContent content: Content, index: UInt64, width: Int) {
        self.content = content
        self.index = index
        self.width = width
    }
}

extension TilePath: CustomStringConvertible {
    /// The path below the log's prefix, without a leading slash.
    public var description: String {
        var path = "tile/"
        switch content {
        case .hashes(let level): path += "\(level)/"
        case .entries: path += "entries/"
        }
        var groups = [Self.threeDigits(index % 1000)]
        var rest = index / 1000
        while rest > 0 {
            groups.append("x" + Self.threeDigits(rest % 1000))
            rest /= 1000
        }
        path += groups.reversed().joined(separator: "/")
        if isPartial { path += ".p/\(width)" }
        return path
    }

    /// Parses the text form; `nil` for everything else, also for other spellings of the same tile.
    public init?(parsing text: String) {
        guard text.utf8.count <= Self.textBytesMax else { return nil }
        var parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 3, parts.removeFirst() == "tile" else { return nil }

        let content: Content
        let kind = parts.removeFirst()
        if kind == "entries" {
            content = .entries
        } else {
            guard let level = Self.decimal(kind, digitsMax: 2) else { return nil }
            content = .hashes(level: Int(level))
        }

        var width = Tile.widthMax
        if parts.count >= 2, parts[parts.count - 2].hasSuffix(".p") {
            guard let partial = Self.decimal(parts.removeLast(), digitsMax: 3), partial < Tile.widthMax else {
                return nil
            }
            width = Int(partial)
            parts[parts.count - 1].removeLast(2)
        }

        guard let index = Self.index(of: parts), let path = TilePath(content, index: index, width: width) else {
            return nil
        }
        // Leading zeros and superfluous groups have been read; only the canonical text is the tile's name.
        guard path.description.utf8.elementsEqual(text.utf8) else { return nil }
        self = path
    }

    private static func index(of groups: [Substring]) -> UInt64? {
        var index: UInt64 = 0
        for (position, group) in groups.enumerated() {
            let isLast = position == groups.count - 1
            guard group.utf8.count == (isLast ? 3 : 4), isLast || group.hasPrefix("x") else { return nil }
            guard let digits = decimal(group.dropFirst(isLast ? 0 : 1), digitsMax: 3) else { return nil }
            let (scaled, overflow) = index.multipliedReportingOverflow(by: 1000)
            let (sum, carry) = scaled.addingReportingOverflow(digits)
            guard !overflow, !carry else { return nil }
            index = sum
        }
        return index
    }

    private static func decimal(_ text: Substring, digitsMax: Int) -> UInt64? {
        guard (1...digitsMax).contains(text.utf8.count) else { return nil }
        var value: UInt64 = 0
        for character in text.utf8 {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character) else { return nil }
            value = value * 10 + UInt64(character - UInt8(ascii: "0"))
        }
        return value
    }

    private static func threeDigits(_ value: UInt64) -> String {
        let digits = String(value)
        return String(repeating: "0", count: 3 - digits.utf8.count) + digits
    }

    /// Longest canonical path is about 50 bytes; anything longer is not worth splitting.
    private static let textBytesMax = 64
}

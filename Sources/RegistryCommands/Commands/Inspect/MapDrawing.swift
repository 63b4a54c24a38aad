internal import ModelFormats

/// A byte map as a picture: SVG by itself, without scripts, fonts or anything to fetch.
///
/// The file is a strip that is folded into rows. What is narrower than a point is drawn as a point wide, unless it is a
/// tensor among tensors: then those beside it stand for it.
struct MapDrawing {
    let report: MapReport

    private static let width = 960.0
    private static let left = 90.0
    private static let top = 70.0
    private static let rowHeight = 22.0
    private static let rows = 24
    private static let rectanglesMax = 20_000

    var svg: String {
        let height = Self.top + Double(Self.rows) * Self.rowHeight + 60
        var text = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.left + Self.width + 20)) \(Int(height))" \
            font-family="sans-serif" font-size="12">
            <title>\(Self.escaped("Byte map of \(report.path)"))</title>
            <rect width="100%" height="100%" fill="#ffffff"/>
            <text x="\(Int(Self.left))" y="24" font-size="16">\(Self.escaped(report.path))</text>
            <text x="\(Int(Self.left))" y="44" fill="#555555">\(Self.escaped(report.format)), \
            \(report.sizeBytes) bytes, \(report.regions.count) regions</text>

            """
        for row in 0..<Self.rows {
            let y = Self.top + Double(row) * Self.rowHeight
            let offset = UInt64(Double(report.sizeBytes) * Double(row) / Double(Self.rows))
            text += """
                <text x="\(Int(Self.left) - 8)" y="\(Self.point(y + 14))" text-anchor="end" fill="#555555" \
                font-size="10">\(offset)</text>

                """
        }
        text += rectangles + legend(y: Self.top + Double(Self.rows) * Self.rowHeight + 24)
        return text + "</svg>\n"
    }

    private var rectangles: String {
        var text = ""
        var count = 0
        var drawnTo = -1.0
        for (index, region) in report.regions.enumerated() {
            let start = position(region.range.lowerBound)
            var end = position(region.range.upperBound)
            let isTensor = region.kind == .tensor
            if isTensor, end - start < 0.5, end - drawnTo < 0.5 { continue }
            if end - start < 1 { end = start + 1 }
            drawnTo = end
            count += 1
            guard count <= Self.rectanglesMax else { break }
            text += rectangle(region, from: start, to: end, isOdd: index % 2 == 1)
        }
        return text
    }

    /// Points along the strip.
    private func position(_ offset: UInt64) -> Double {
        guard report.sizeBytes > 0 else { return 0 }
        let whole = Double(Self.rows) * Self.width
        return min(Double(offset) / Double(report.sizeBytes), 1) * whole
    }

    private func rectangle(_ region: ByteMap.Region, from start: Double, to end: Double, isOdd: Bool) -> String {
        var text = "<g fill=\"\(Self.colour(region.kind, isOdd))\"><title>\(Self.escaped(Self.label(region)))</title>"
        var from = start
        while from < end {
            let row = min((from / Self.width).rounded(.down), Double(Self.rows - 1))
            let to = min(end, (row + 1) * Self.width)
            guard to > from else { break }
            let (x, y) = (Self.left + from - row * Self.width, Self.top + row * Self.rowHeight)
            text += "<rect x=\"\(Self.point(x))\" y=\"\(Self.point(y))\" width=\"\(Self.point(to - from))\" "
            text += "height=\"\(Int(Self.rowHeight) - 4)\"/>"
            from = to
        }
        return text + "</g>\n"
    }

    private static func label(_ region: ByteMap.Region) -> String {
        let name = [region.kind.rawValue, region.name, region.typeName].compactMap { $0 }.joined(separator: " ")
        return "\(name): \(region.range.lowerBound) to \(region.range.upperBound), \(region.sizeBytes) bytes"
    }

    private func legend(y: Double) -> String {
        var x = Self.left
        var text = ""
        for kind in ByteMap.Region.Kind.allCases where report.regions.contains(where: { $0.kind == kind }) {
            text += "<rect x=\"\(Self.point(x))\" y=\"\(Self.point(y - 10))\" width=\"12\" height=\"12\" "
            text += "fill=\"\(Self.colour(kind, false))\"/>"
            text += "<text x=\"\(Self.point(x + 18))\" y=\"\(Self.point(y))\">\(kind.rawValue)</text>\n"
            x += 110
        }
        return text
    }

    private static func colour(_ kind: ByteMap.Region.Kind, _ isOdd: Bool) -> String {
        switch kind {
        case .header: "#444444"
        case .metadata: "#8a5fbf"
        case .tensorList: "#5b7fd1"
        case .tensor: isOdd ? "#7fb8a4" : "#5a9c86"
        case .padding: "#dddddd"
        case .gap: "#e8963c"
        case .overlap: "#c62828"
        case .trailing: "#d81b60"
        }
    }

    /// Hundredths are enough.
    private static func point(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }

    /// Text of XML. Controls, which XML 1.0 cannot hold, are escaped before.
    private static func escaped(_ text: String) -> String {
        TerminalText.visible(text).map { character in
            switch character {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            default: String(character)
            }
        }.joined()
    }
}

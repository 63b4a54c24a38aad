/// Rows in columns, for people.
///
/// Cells are neutralised here, so that no caller can forget it. Long lists are rendered page by page with the widths
/// of the first page.
package struct TextTable: Sendable {
    package struct Column: Sendable, Hashable {
        package enum Alignment: Sendable { case left, right }

        package var title: String
        package var alignment: Alignment
        /// Whether the column may be cut when the table is wider than the terminal.
        package var canShrink: Bool

        package init(title: String, alignment: Alignment = .left, canShrink: Bool = false) {
            self.title = title
            self.alignment = alignment
            self.canShrink = canShrink
        }
    }

    private let columns: [Column]
    /// Cells of the terminal; `nil` if the output is no terminal and nothing is ever cut.
    private let widthMax: Int?
    private var widths: [Int] = []

    package init(_ columns: [Column], widthMax: Int?) {
        self.columns = columns
        self.widthMax = widthMax
    }

    /// The next rows as text; the first call begins with the titles.
    package mutating func render(_ rows: [[String]]) -> String {
        let cells = rows.map { $0.map(TerminalText.visible) }
        var lines: [String] = []
        if widths.isEmpty {
            widths = layout(cells)
            lines.append(line(columns.map(\.title)))
        }
        lines += cells.map(line)
        return lines.map { $0 + "\n" }.joined()
    }

    private func layout(_ cells: [[String]]) -> [Int] {
        var widths = columns.map { TerminalText.width($0.title) }
        for row in cells {
            for (column, cell) in row.enumerated() where column < widths.count {
                widths[column] = max(widths[column], TerminalText.width(cell))
            }
        }
        guard let widthMax else { return widths }
        while widths.reduce(0, +) + Self.gap * (widths.count - 1) > widthMax {
            let shrinkable = columns.indices.filter { columns[$0].canShrink && widths[$0] > Self.shrunkMin }
            guard let widest = shrinkable.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
        }
        return widths
    }

    private func line(_ cells: [String]) -> String {
        var line = ""
        for (column, cell) in cells.prefix(columns.count).enumerated() {
            let isLast = column == columns.count - 1
            let text = widthMax == nil ? cell : TerminalText.cut(cell, width: widths[column])
            let blanks = String(repeating: " ", count: max(0, widths[column] - TerminalText.width(text)))
            switch columns[column].alignment {
            case .left: line += isLast ? text : text + blanks
            case .right: line += blanks + text
            }
            if !isLast { line += String(repeating: " ", count: Self.gap) }
        }
        return line
    }

    private static let gap = 2
    private static let shrunkMin = 12
}

internal import StrictJSON

/// Prints a list that comes page by page, as a table or as one JSON array, without keeping it.
struct RowPrinter {
    private let format: OutputOptions.Format
    private let console: Console
    private var table: TextTable
    private var count = 0

    init(_ format: OutputOptions.Format, _ columns: [TextTable.Column], _ console: Console) {
        self.format = format
        self.console = console
        table = TextTable(columns, widthMax: console.tableWidth)
    }

    /// Prints the next rows.
    mutating func print(_ rows: [(cells: [String], json: JSONValue)]) {
        guard !rows.isEmpty else { return }
        switch format {
        case .table: console.write(table.render(rows.map(\.cells)))
        case .json:
            for row in rows {
                console.write(count == 0 ? "[\n" : ",\n")
                console.write(JSONText.harmless(String(decoding: row.json.encoded(), as: UTF8.self)))
                count += 1
            }
            return
        }
        count += rows.count
    }

    /// Ends the list. People are told when there was nothing.
    func finish(ifNone sentence: String) {
        switch format {
        case .table: if count == 0 { console.note(sentence) }
        case .json: console.write(count == 0 ? "[]\n" : "\n]\n")
        }
    }
}

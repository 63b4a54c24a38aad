/// Files, functions and lines stay small enough to be seen at once.
enum SizeRules {
    static let fileLinesMax = 600
    static let functionLinesMax = 60
    static let lineColumnsMax = 120

    static func findings(in file: SwiftFile) -> [Finding] {
        var findings: [Finding] = []
        // The last line feed begins a line that is none.
        let count = file.lines.last?.text.isEmpty == true ? file.lines.count - 1 : file.lines.count
        if count > fileLinesMax {
            findings.append(
                file.finding(
                    fileLinesMax + 1, "file-length", "\(count) lines, \(fileLinesMax) at most: split it by feature"))
        }
        for (index, line) in file.lines.enumerated() where line.text.count > lineColumnsMax {
            findings.append(
                file.finding(
                    index + 1, "line-length", "\(line.text.count) columns, \(lineColumnsMax) at most: break the line"))
        }
        for function in FunctionScanner.functions(in: file) where function.lineCount > functionLinesMax {
            findings.append(
                file.finding(
                    function.line, "function-length",
                    "\(function.lineCount) lines, \(functionLinesMax) at most: name a part of it and move it out"))
        }
        return findings
    }
}

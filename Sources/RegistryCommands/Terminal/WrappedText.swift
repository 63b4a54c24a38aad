/// Sentences broken into lines.
package enum WrappedText {
    /// The lines of `text`, neutralised, each of at most `width` cells; one line where there is no width.
    ///
    /// A word that is longer than a line has one of its own.
    package static func lines(_ text: String, width: Int?) -> [String] {
        let text = TerminalText.visible(text)
        guard let width, TerminalText.width(text) > width else { return [text] }
        var lines: [String] = []
        var line = ""
        var used = 0
        for word in text.split(separator: " ", omittingEmptySubsequences: true) {
            let cells = TerminalText.width(String(word))
            if !line.isEmpty, used + 1 + cells > width {
                lines.append(line)
                line = ""
                used = 0
            }
            line += line.isEmpty ? String(word) : " " + word
            used += (used == 0 ? 0 : 1) + cells
        }
        lines.append(line)
        return lines
    }

    /// `name` in a column of its own, and the text beside it, broken into lines.
    package static func field(_ name: String, _ text: String, indent: Int, nameWidth: Int, width: Int?) -> String {
        let margin = String(repeating: " ", count: indent + nameWidth)
        let lines = lines(text, width: width.map { max(20, $0 - indent - nameWidth) })
        return lines.enumerated().map { index, line in
            let lead = String(repeating: " ", count: indent) + TerminalText.padded(name, width: nameWidth)
            return (index == 0 ? lead : margin) + line + "\n"
        }.joined()
    }
}

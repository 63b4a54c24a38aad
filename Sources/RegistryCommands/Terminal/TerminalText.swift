internal import ModelFormats

/// Text from elsewhere, made fit for a terminal.
package enum TerminalText {
    /// The text with everything a terminal would act on, or that hides or reorders characters, written as an escape.
    package static func visible(_ text: String) -> String {
        // Most texts are of printable ASCII.
        text.utf8.allSatisfy { 0x20...0x7E ~= $0 } ? text : VisibleText.escapingControls(text)
    }

    /// Cells that the text takes in a terminal.
    package static func width(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + width($1) }
    }

    /// The text cut to at most `width` cells, with an ellipsis where it was cut.
    package static func cut(_ text: String, width limit: Int) -> String {
        guard width(text) > limit else { return text }
        guard limit > 0 else { return "" }
        var kept = ""
        var used = 0
        for character in text {
            let cells = character.unicodeScalars.reduce(0) { $0 + width($1) }
            guard used + cells <= limit - 1 else { break }
            kept.append(character)
            used += cells
        }
        return kept + "…"
    }

    /// The text followed by spaces up to `width` cells.
    package static func padded(_ text: String, width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - self.width(text)))
    }

    private static func width(_ scalar: Unicode.Scalar) -> Int {
        if scalar.isASCII { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return wideRanges.contains { $0.contains(scalar.value) } ? 2 : 1
        }
    }

    /// East Asian wide and fullwidth characters and emoji (Unicode Standard Annex 11), in coarse blocks.
    private static let wideRanges: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
        0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
    ]
}

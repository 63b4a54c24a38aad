/// Makes outside text harmless where people read it.
public enum VisibleText {
    /// The text with every character that a terminal would act on, or that would reorder or hide others, written as an
    /// escape: controls, format characters and separators other than the space.
    public static func escapingControls(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: actsOnDisplays) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if actsOnDisplays(scalar) {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func actsOnDisplays(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: true
        default: false
        }
    }

    /// At most `scalarsMax` scalars of the text, controls escaped, an ellipsis where it was cut.
    public static func excerpt(_ text: String, scalarsMax: Int) -> String {
        let head = String(String.UnicodeScalarView(text.unicodeScalars.prefix(scalarsMax)))
        return escapingControls(head) + (head.unicodeScalars.count < text.unicodeScalars.count ? "…" : "")
    }
}

/// Makes outside text harmless where people read it.
public enum VisibleText {
    /// The text with every character that a terminal would act on, or that would reorder or hide others, written as an
    /// escape: controls, format characters and separators other than the space.
    public static func escapingControls(_ text: String) -> String {
        excerpt(text, scalarsMax: Int.max)
    }

    /// As much of the text as takes at most `scalarsMax` scalars with its controls escaped, and an ellipsis where it
    /// was cut.
    ///
    /// An excerpt of an excerpt is the excerpt itself: what has been through JSON is still equal.
    public static func excerpt(_ text: String, scalarsMax: Int) -> String {
        var result = String.UnicodeScalarView()
        var count = 0
        for scalar in text.unicodeScalars {
            let written = actsOnDisplays(scalar) ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
            guard written.unicodeScalars.count <= scalarsMax - count else {
                result.append("…")
                break
            }
            count += written.unicodeScalars.count
            result.append(contentsOf: written.unicodeScalars)
        }
        return String(result)
    }

    private static func actsOnDisplays(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: true
        default: false
        }
    }
}

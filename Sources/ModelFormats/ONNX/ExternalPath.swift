/// Judges the path of a file that a model says it needs.
///
/// Loaders join it to the model's folder. It must stay there on every system, whatever a loader checks.
public enum ExternalPath {
    /// What is wrong with the path, `nil` for names of files in the folder and beneath it.
    public static func defect(_ path: [UInt8]) -> String? {
        switch MemberNameDefect.find(in: path) {
        case .empty: return "it is empty"
        case .absolute: return "it begins at the root of a file system"
        case .drive: return "it names a drive"
        case .parent: return "it leads out of the folder by .."
        case .control: return "it contains control characters"
        case .backslash: return "it contains a backslash"
        case nil: break
        }
        if path.first == UInt8(ascii: "~") { return "it begins in somebody's home" }
        // An address, or a stream beside a file.
        if path.contains(UInt8(ascii: ":")) { return "it contains a colon" }
        if path.contains(UInt8(ascii: "%")), isEscaped(path) { return "it spells dots or slashes with escapes" }
        if path.last == UInt8(ascii: "/") { return "it is a folder" }
        return UTF8Validator.isValid(path) ? nil : "it is no text"
    }

    /// `%2e`, `%2f` and `%5c`, which some readers of addresses decode.
    private static func isEscaped(_ path: [UInt8]) -> Bool {
        let text = String(decoding: path, as: UTF8.self).lowercased()
        return text.contains("%2e") || text.contains("%2f") || text.contains("%5c")
    }
}

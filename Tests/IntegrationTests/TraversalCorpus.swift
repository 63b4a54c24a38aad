import ServerFixture

/// Texts that try to leave a directory: every way to write a step up, at every depth, to every target, and the ways to
/// name a file without climbing.
enum TraversalCorpus {
    private static let steps = [
        "../", "..\\", "./../", "a/../../", "..//", "..;/", "....//", "..././", "%2e%2e/", "%2e%2e%2f", "..%2f",
        "..%5c",
        "%252e%252e%252f", "%25252e%25252e%25252f", "..%c0%af", "%c0%ae%c0%ae/", "..%u2215", "..\u{2215}", "..\u{2044}",
        "..\u{FF0F}", "\u{FF0E}\u{FF0E}/", "\u{2025}/", "..\0/", "..%00/", ".\u{200B}./", "\u{202E}../",
    ]
    private static let depths = [1, 2, 5, 9]
    private static let targets = ["canary", "etc/passwd", "store/keys/row-seal"]

    private static let absolutes = [
        "/etc/passwd", "//etc/passwd", "///etc/passwd", "/./etc/passwd", "/proc/self/environ",
        "/proc/self/root/etc/passwd",
        "/dev/stdin", "/dev/fd/0", "file:///etc/passwd", "file:/etc/passwd", "http://127.0.0.1/x", "\\\\host\\share\\x",
        "C:\\Windows\\win.ini", "C:/Windows/win.ini", "~/x", "~root/.profile", "$HOME/x", "`id`", "|id", "-rf",
        "%2fetc%2fpasswd", "%252fetc%252fpasswd", "\u{FF0F}etc/passwd",
    ]
    private static let oddities = [
        "", ".", "..", "/", "//", "./", "../", "a/", "a//b", "a/./b", "a/../b", ".hidden/..", " ", "\t", "\n", "a\nb",
        "a\0b",
        "\0", "a\u{7F}b", "a\\b", "\u{FEFF}a", "con", "nul", "a.", "a ", "sha256:" + String(repeating: "0", count: 64),
        "store", "store/", "./store/keys/row-seal", "store//keys/row-seal", "Store/keys/row-seal", "trusted",
        "store/../store/keys/row-seal", "store/blobs/sha256", "store\u{0}", "manifest.yaml/..",
        String(repeating: "a", count: 5_000),
        String(repeating: "a/", count: 600), String(repeating: "../", count: 300) + "etc/passwd", "\u{0301}",
    ]

    static let texts: [String] =
        steps.flatMap { step in
            depths.flatMap { depth in targets.map { String(repeating: step, count: depth) + $0 } }
        } + absolutes + oddities

    /// The same as they go into a query or a path, escaped once, so that the server sees the text itself.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default: escaped += "%" + hexadecimal([byte]).uppercased()
            }
        }
        return escaped
    }

    /// What can be written into a request line as it is.
    static let raw = texts.filter { text in
        !text.isEmpty
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") && $0 != UInt8(ascii: "?") }
    }
}

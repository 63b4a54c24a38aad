/// Paths that try to leave the directory they are resolved in, or to be two things to two readers.
enum Traversal {
    private static let climbs = [
        "..", "../", "../..", "./..", "..//", "a/..", "a/../..", "a/../../b", "./../a", "../a",
        "../../../../etc/passwd",
        "a/b/../../../c", "...//../a", "x/./../../y",
    ]
    private static let absolutes = ["/", "//", "/etc/passwd", "//server/share", "/..", "/./a"]
    private static let encodings: [@Sendable (String) -> String] = [
        { $0 },
        { $0.split(separator: "/", omittingEmptySubsequences: false).joined(separator: "\\") },
        { $0 + "\0" },
        { $0 + "\0.gguf" },
        { "a\0/" + $0 },
        { $0 + "\n" },
        { "\u{7F}" + $0 },
        { "a/\u{85}/" + $0 },
        { $0 + "/" },
        { "//" + $0 },
        { "/" + $0 },
        { "a//" + $0 },
        { "./" + $0 },
        { "C:\\" + $0 },
    ]

    static let corpus: [String] = {
        var seen: Set<String> = []
        return (climbs + absolutes).flatMap { climb in encodings.map { $0(climb) } }.filter { seen.insert($0).inserted }
    }()
}

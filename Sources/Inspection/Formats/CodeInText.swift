/// Signs of code in a text that should be a description.
enum CodeInText {
    /// Calls and tags that prose does not contain.
    private static let marks = [
        "__import__(", "os.system(", "os.popen(", "subprocess.", "eval(", "exec(", "<script", "base64.b64decode",
        "powershell -", "/bin/sh", "/bin/bash", "curl http", "wget http",
    ]

    /// Calls of Python that start programs, and commands of shells that fetch some. No configuration needs them.
    private static let embedded = [
        "__import__(", "os.system(", "os.popen(", "subprocess.popen(", "subprocess.run(", "subprocess.call(",
        "subprocess.check_output(", "subprocess.check_call(", "base64.b64decode(", "pty.spawn(", "/dev/tcp/",
        "powershell -", "import subprocess", "bash -c ", "python -c ", "python3 -c ", "${jndi:",
    ].map { Array($0.utf8) }
    private static let fetching = ["curl ", "wget "].map { Array($0.utf8) }
    private static let piped = ["| sh", "|sh", "| bash", "|bash", "| python", "|python", "| sudo"].map {
        Array($0.utf8)
    }

    /// What in the text of a configuration would start a program if somebody evaluated it, `nil` if nothing would.
    static func embedded(_ text: [UInt8]) -> String? {
        guard text.contains(where: { "( |/".utf8.contains($0) }) else { return nil }
        let lowered = text.map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 | 0x20 : $0 }
        if let mark = embedded.first(where: { contains(lowered, $0) }) {
            return String(decoding: mark, as: UTF8.self)
        }
        guard let fetch = fetching.first(where: { contains(lowered, $0) }),
            piped.contains(where: { contains(lowered, $0) })
        else { return nil }
        return String(decoding: fetch, as: UTF8.self) + "into a shell"
    }

    private static let trust = ["--trust-remote-code", "--trust_remote_code", "trust_remote_code=true"].map {
        Array($0.utf8)
    }

    /// Whether the text holds the argument of a program that switches trust in remote code on.
    static func trustsRemoteCode(_ text: String) -> Bool {
        guard text.utf8.contains(UInt8(ascii: "-")) || text.utf8.contains(UInt8(ascii: "=")) else { return false }
        let lowered = Array(text.lowercased().utf8)
        return trust.contains { contains(lowered, $0) }
    }

    /// What makes the text look like code, `nil` if nothing does.
    static func reason(_ text: String) -> String? {
        let lowered = Array(text.utf8).map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 | 0x20 : $0 }
        if lowered.starts(with: "#!".utf8) { return "the text begins with #!" }
        if let mark = marks.first(where: { isThere($0, in: lowered) }) { return "the text contains \(mark)" }
        if let mark = embedded(lowered) { return "the text contains \(mark)" }
        if Base64Text.beginsPickle(text.utf8) { return "the text begins like a pickle in base64" }
        if mayHoldTemplate(lowered), let finding = attacks(lowered).first { return "template code: \(finding.detail)" }
        return nil
    }

    /// Whether the mark stands there by itself: `model.eval()` is no call of `eval`.
    private static func isThere(_ mark: String, in text: [UInt8]) -> Bool {
        places(of: Array(mark.utf8), in: text).contains { place in
            guard mark.hasSuffix("("), place > 0 else { return true }
            switch text[place - 1] {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
                UInt8(ascii: "."):
                return false
            default: return true
            }
        }
    }

    /// Whether there is a delimiter of Jinja in the text.
    static func mayHoldTemplate(_ text: some Sequence<UInt8>) -> Bool {
        withSpan(text) { text in
            var index = 1
            while index < text.count {
                if text[index - 1] == UInt8(ascii: "{"),
                    text[index] == UInt8(ascii: "{") || text[index] == UInt8(ascii: "%")
                {
                    return true
                }
                index += 1
            }
            return false
        }
    }

    /// Lends the bytes without copying them, if they lie in one piece.
    private static func withSpan(_ text: some Sequence<UInt8>, _ body: (Span<UInt8>) -> Bool) -> Bool {
        text.withContiguousStorageIfAvailable { body($0.span) } ?? body(Array(text).span)
    }

    /// What in a text that is not known to be a template would attack a program that renders it.
    static func attacks(_ text: [UInt8]) -> [TemplateFinding] {
        TemplateAnalysis.findings(text).filter { RuleCatalogue.rule($0.rule).verdict == .block }
    }

    /// Whether `pattern` occurs in the text, byte for byte.
    static func contains(_ text: some Sequence<UInt8>, _ pattern: [UInt8]) -> Bool {
        withSpan(text) { text in
            var start = 0
            while start + pattern.count <= text.count {
                if isThere(pattern, at: start, in: text) { return true }
                start += 1
            }
            return false
        }
    }

    private static func isThere(_ pattern: [UInt8], at start: Int, in text: Span<UInt8>) -> Bool {
        for index in pattern.indices where text[start + index] != pattern[index] { return false }
        return true
    }

    /// Where `pattern` occurs in the text, byte for byte.
    static func places(of pattern: [UInt8], in text: [UInt8]) -> some Sequence<Int> {
        let last = pattern.isEmpty ? -1 : text.count - pattern.count
        return (0..<max(0, last + 1)).lazy.filter { index in
            text[index] == pattern[0] && text[index...].starts(with: pattern)
        }
    }
}

/// Signs of code in a text that should be a description.
enum CodeInText {
    /// Calls and tags that prose does not contain.
    private static let marks = [
        "__import__(", "os.system(", "os.popen(", "subprocess.", "eval(", "exec(", "<script", "base64.b64decode",
        "powershell -", "/bin/sh", "/bin/bash", "curl http", "wget http",
    ]

    /// What makes the text look like code, `nil` if nothing does.
    static func reason(_ text: String) -> String? {
        let lowered = Array(text.utf8).map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 | 0x20 : $0 }
        if lowered.starts(with: "#!".utf8) { return "the text begins with #!" }
        if let mark = marks.first(where: { contains(lowered, Array($0.utf8)) }) { return "the text contains \(mark)" }
        if mayHoldTemplate(lowered), let finding = attacks(lowered).first { return "template code: \(finding.detail)" }
        return nil
    }

    /// Whether there is a delimiter of Jinja in the text.
    static func mayHoldTemplate(_ text: some Sequence<UInt8>) -> Bool {
        var follows = false
        for byte in text {
            if follows, byte == UInt8(ascii: "{") || byte == UInt8(ascii: "%") { return true }
            follows = byte == UInt8(ascii: "{")
        }
        return false
    }

    /// What in a text that is not known to be a template would attack a program that renders it.
    static func attacks(_ text: [UInt8]) -> [TemplateFinding] {
        TemplateAnalysis.findings(text).filter { RuleCatalogue.rule($0.rule).verdict == .block }
    }

    /// Whether `pattern` occurs in the text, byte for byte.
    static func contains(_ text: some Sequence<UInt8>, _ pattern: [UInt8]) -> Bool {
        let bytes = Array(text)
        guard let first = pattern.first, bytes.count >= pattern.count else { return false }
        for index in 0...(bytes.count - pattern.count) where bytes[index] == first {
            if bytes[index...].starts(with: pattern) { return true }
        }
        return false
    }
}

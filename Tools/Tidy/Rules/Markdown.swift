/// Links and headings of a Markdown file.
struct Markdown {
    struct Link: Equatable {
        /// Counted from 1.
        let line: Int
        let target: String
    }

    private(set) var links: [Link] = []
    /// The anchors that renderers give the headings.
    private(set) var anchors: Set<String> = []

    init(_ text: String) {
        var isFenced = false
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.drop(while: { $0 == " " }).starts(with: "```") {
                isFenced.toggle()
            } else if !isFenced {
                addHeading(line)
                addLinks(line, index + 1)
            }
        }
    }

    private mutating func addHeading(_ line: Substring) {
        let marks = line.prefix { $0 == "#" }.count
        guard (1...6).contains(marks), line.dropFirst(marks).first == " " else { return }
        let kept = line.dropFirst(marks + 1).lowercased().filter { $0.isLetter || $0.isNumber || " -_".contains($0) }
        let anchor = kept.replacing(" ", with: "-")
        var unique = anchor
        var count = 0
        while anchors.contains(unique) {
            count += 1
            unique = "\(anchor)-\(count)"
        }
        anchors.insert(unique)
    }

    /// `[text](target)`, `[text](target "title")` and `[label]: target`, outside of code.
    private mutating func addLinks(_ line: Substring, _ number: Int) {
        let text = Self.withoutCode(line)
        if text.hasPrefix("["), let end = text.firstRange(of: "]: ") {
            add(text[end.upperBound...], number)
        }
        for start in text.ranges(of: "](") {
            let rest = text[start.upperBound...]
            guard let end = rest.firstIndex(of: ")") else { continue }
            add(rest[..<end], number)
        }
    }

    private mutating func add(_ target: Substring, _ number: Int) {
        guard let address = target.split(separator: " ").first else { return }
        links.append(Link(line: number, target: String(address.drop { $0 == "<" }.prefix { $0 != ">" })))
    }

    /// What stands between backquotes is no link.
    private static func withoutCode(_ line: Substring) -> String {
        line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .map { $0.offset.isMultiple(of: 2) ? String($0.element) : "" }.joined()
    }
}

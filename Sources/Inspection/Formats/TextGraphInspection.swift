import ModelFormats

extension FileInspection {
    /// A SavedModel or a graph may be a text, which TensorFlow loads where there is no binary form.
    ///
    /// Text messages can spell a name in many ways, so that nothing but the plain one is recognised here, and no such
    /// file is clean.
    mutating func inspectTextGraph() {
        do throws(FormatFault) {
            let text = try source.bytes(
                at: 0, count: Int(min(source.sizeBytes, UInt64(limits.searchedTextBytesMax))))
            var operators = TextGraphOperators(text)
            var found: Set<String> = []
            while let (name, offset) = operators.next() {
                guard found.insert(name).inserted else { continue }
                guard TensorFlowVocabulary.standing(name) == .dangerous else { continue }
                findings.add(.tensorFlowDangerousOperator, .init(member: name, offset: UInt64(offset)))
            }
            guard !found.isEmpty || FileName.isTextGraph(name) else { return }
            findings.add(.tensorFlowTextGraph, detail: "\(found.count) operators")
        } catch {
            add(error, truncated: .fileUnreadable, malformed: .fileUnreadable)
        }
    }
}

/// Finds `op: "NAME"` in a text.
private struct TextGraphOperators {
    private static let nameBytesMax = 256
    private let text: [UInt8]
    private var index = 0

    init(_ text: [UInt8]) { self.text = text }

    mutating func next() -> (name: String, offset: Int)? {
        while index + 2 < text.count {
            let start = index
            index += 1
            guard text[start] == UInt8(ascii: "o"), text[start + 1] == UInt8(ascii: "p"),
                start == 0 || !Self.isNamePart(text[start - 1])
            else { continue }
            var place = start + 2
            skipSpace(&place)
            guard place < text.count, text[place] == UInt8(ascii: ":") else { continue }
            place += 1
            skipSpace(&place)
            guard place < text.count, text[place] == UInt8(ascii: "\"") || text[place] == UInt8(ascii: "'") else {
                continue
            }
            let quote = text[place]
            let rest = text[(place + 1)...].prefix(Self.nameBytesMax)
            guard let end = rest.firstIndex(of: quote) else { continue }
            index = end
            return (String(decoding: rest[..<end], as: UTF8.self), start)
        }
        return nil
    }

    private func skipSpace(_ place: inout Int) {
        while place < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[place]) { place += 1 }
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}

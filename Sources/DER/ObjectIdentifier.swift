/// The name of an algorithm, attribute or extension, kept as its encoding.
public struct ObjectIdentifier: Sendable, Hashable {
    private let content: [UInt8]

    /// Longest encoding that is read, in bytes.
    public static let bytesMax = 64

    /// `nil` unless every arc is in its shortest encoding (X.690 section 8.19).
    init?(content: ArraySlice<UInt8>) {
        guard !content.isEmpty, content.count <= Self.bytesMax, let last = content.last, last & 0x80 == 0 else {
            return nil
        }
        var isStart = true
        for octet in content {
            if isStart, octet == 0x80 { return nil }
            isStart = octet & 0x80 == 0
        }
        self.content = Array(content)
    }

    /// - Parameters:
    ///   - first: 0, 1 or 2.
    ///   - second: below 40 under the first two of these.
    public init(_ first: UInt32, _ second: UInt32, _ rest: UInt32...) {
        var content: [UInt8] = []
        for arc in [first &* 40 &+ second] + rest { Self.append(arc, to: &content) }
        self.content = content
    }

    private static func append(_ arc: UInt32, to content: inout [UInt8]) {
        var shift: UInt32 = 28
        while shift > 0, arc >> shift == 0 { shift -= 7 }
        while shift > 0 {
            content.append(UInt8(truncatingIfNeeded: arc >> shift & 0x7F) | 0x80)
            shift -= 7
        }
        content.append(UInt8(truncatingIfNeeded: arc & 0x7F))
    }

    /// The OBJECT IDENTIFIER as a whole encoding.
    public var encoded: [UInt8] {
        DERWriter.element(.objectIdentifier, content)
    }
}

extension ObjectIdentifier: CustomStringConvertible {
    /// Arcs in decimal, with dots between them.
    public var description: String {
        var arcs: [String] = []
        var arc: UInt64 = 0
        for octet in content {
            // Arcs of more than 64 bits lose their high bits; the text is for people.
            arc = arc << 7 | UInt64(octet & 0x7F)
            guard octet & 0x80 == 0 else { continue }
            if arcs.isEmpty {
                let first = min(arc / 40, 2)
                arcs = [String(first), String(arc - first * 40)]
            } else {
                arcs.append(String(arc))
            }
            arc = 0
        }
        return arcs.joined(separator: ".")
    }
}

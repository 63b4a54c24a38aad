/// One block of the textual encoding of keys and certificates (RFC 7468).
public struct PEM: Sendable, Hashable {
    /// `PUBLIC KEY`, `CERTIFICATE` and so on.
    public let label: String
    public let bytes: [UInt8]

    /// Largest text that is read.
    public static let bytesMax = 1 << 20

    /// Longest label, in bytes.
    public static let labelBytesMax = 64

    /// All blocks of a text in order; what stands around them is ignored.
    ///
    /// Lines may be of any length: logs keep keys whose base64 is not broken at 64 columns.
    ///
    /// - Returns: `nil` if the text is too large, a block does not end as it began, is not base64, or if there are more
    ///   than `max`.
    public static func blocks(in text: [UInt8], max: Int) -> [PEM]? {
        guard text.count <= bytesMax else { return nil }
        var blocks: [PEM] = []
        var open: (label: ArraySlice<UInt8>, body: [UInt8])?
        for line in text.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            let line = trimmed(line)
            if let label = boundary(line, begin) {
                guard open == nil, blocks.count < max else { return nil }
                open = (label, [])
            } else if let label = boundary(line, end) {
                guard let block = open, block.label == label, let bytes = Base64.decode(block.body) else { return nil }
                blocks.append(PEM(label: String(decoding: label, as: UTF8.self), bytes: bytes))
                open = nil
            } else {
                open?.body.append(contentsOf: line)
            }
        }
        return open == nil ? blocks : nil
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        guard let last = line.lastIndex(where: { !isBlank($0) }) else { return [] }
        return line[...last].drop(while: isBlank)
    }

    private static func boundary(_ line: ArraySlice<UInt8>, _ prefix: [UInt8]) -> ArraySlice<UInt8>? {
        guard line.count >= prefix.count + dashes.count, line.starts(with: prefix),
            line.suffix(dashes.count).elementsEqual(dashes)
        else { return nil }
        let label = line.dropFirst(prefix.count).dropLast(dashes.count)
        return label.count <= labelBytesMax ? label : nil
    }

    private static let begin = Array("-----BEGIN ".utf8)
    private static let end = Array("-----END ".utf8)
    private static let dashes = Array("-----".utf8)
}

/// Encodings for what is built here: keys, and certificates without one of their extensions.
public enum DERWriter {
    /// Tag, shortest length, content.
    public static func element(_ tag: DERTag, _ content: some Collection<UInt8>) -> [UInt8] {
        var bytes = [tag.rawValue]
        appendLength(content.count, to: &bytes)
        bytes.append(contentsOf: content)
        return bytes
    }

    private static func appendLength(_ count: Int, to bytes: inout [UInt8]) {
        guard count > 0x7F else {
            bytes.append(UInt8(truncatingIfNeeded: count))
            return
        }
        var octets: [UInt8] = []
        var rest = count
        while rest > 0 {
            octets.insert(UInt8(truncatingIfNeeded: rest), at: 0)
            rest >>= 8
        }
        bytes.append(0x80 | UInt8(truncatingIfNeeded: octets.count))
        bytes.append(contentsOf: octets)
    }
}

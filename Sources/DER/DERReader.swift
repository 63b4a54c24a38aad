/// A cursor over values in the Distinguished Encoding Rules (X.690 section 10).
///
/// Signatures are over encodings, so there is exactly one that is accepted: lengths are definite and as short as
/// possible, booleans are 0 or 255, and whoever is done says `finish`, which refuses what nobody has read. The cursor
/// goes only as deep as its caller asks, whatever the input claims, and copies nothing.
public struct DERReader: Sendable {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    /// - Parameter bytes: faults name offsets by the indices of this slice.
    public init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    public init(_ bytes: [UInt8]) {
        self.init(bytes[...])
    }

    public var isAtEnd: Bool { position == bytes.endIndex }

    /// Tag of the next value; `nil` at the end.
    public var nextTag: DERTag? {
        isAtEnd ? nil : DERTag(rawValue: bytes[position])
    }

    /// Throws `.trailingBytes` if something was not read.
    public func finish() throws(DERFault) {
        guard isAtEnd else { throw fault(.trailingBytes) }
    }

    /// The next value, of any type.
    public mutating func next() throws(DERFault) -> DERElement {
        let start = position
        guard let identifier = byte(at: start) else { throw fault(.truncated) }
        guard identifier & 0x1F != 0x1F else { throw fault(.invalidTag) }
        let (contentStart, count) = try length(at: start + 1)
        guard count <= bytes.endIndex - contentStart else { throw fault(.truncated) }
        position = contentStart + count
        return DERElement(
            tag: DERTag(rawValue: identifier), content: bytes[contentStart..<position], encoded: bytes[start..<position]
        )
    }

    /// The next value, which has to be a `tag`.
    public mutating func next(_ tag: DERTag) throws(DERFault) -> DERElement {
        guard let found = nextTag else { throw fault(.truncated) }
        guard found == tag else { throw fault(.unexpectedTag) }
        return try next()
    }

    /// The next value if it is a `tag`; otherwise nothing is read.
    public mutating func optional(_ tag: DERTag) throws(DERFault) -> DERElement? {
        nextTag == tag ? try next() : nil
    }

    /// Where the cursor is, as a fault.
    public func fault(_ reason: DERFault.Reason) -> DERFault {
        DERFault(reason, offset: position)
    }

    private func byte(at index: Int) -> UInt8? {
        index < bytes.endIndex ? bytes[index] : nil
    }

    /// X.690 sections 8.1.3 and 10.1.
    ///
    /// - Returns: where the content begins, and its length. Not yet compared with the input.
    private func length(at index: Int) throws(DERFault) -> (contentStart: Int, count: Int) {
        guard let first = byte(at: index) else { throw fault(.truncated) }
        guard first & 0x80 != 0 else { return (index + 1, Int(first)) }
        let octets = Int(first & 0x7F)
        // Four octets say lengths up to 4 GiB, more than any input; zero means an indefinite length.
        guard (1...4).contains(octets) else { throw fault(.invalidLength) }
        var count = 0
        for offset in 1...octets {
            guard let octet = byte(at: index + offset) else { throw fault(.truncated) }
            if offset == 1, octet == 0 { throw fault(.invalidLength) }
            count = count << 8 | Int(octet)
        }
        guard count > 0x7F else { throw fault(.invalidLength) }
        return (index + 1 + octets, count)
    }
}

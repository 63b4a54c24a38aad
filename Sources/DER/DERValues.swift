extension DERReader {
    /// The values of a SEQUENCE.
    public mutating func sequence() throws(DERFault) -> DERReader {
        try next(.sequence).reader
    }

    /// Reads a document that is one SEQUENCE and nothing behind it.
    public static func document(_ bytes: ArraySlice<UInt8>) throws(DERFault) -> DERReader {
        var reader = DERReader(bytes)
        let content = try reader.sequence()
        try reader.finish()
        return content
    }

    public mutating func boolean() throws(DERFault) -> Bool {
        let element = try next(.boolean)
        switch element.content.first {
        case 0x00 where element.content.count == 1: return false
        case 0xFF where element.content.count == 1: return true
        default: throw element.fault(.invalidContent)
        }
    }

    /// The content of an INTEGER in its shortest form: big-endian two's complement.
    public mutating func integer() throws(DERFault) -> ArraySlice<UInt8> {
        let element = try next(.integer)
        let content = element.content
        guard let first = content.first else { throw element.fault(.invalidContent) }
        if let second = content.dropFirst().first {
            let isPadded = (first == 0x00 && second & 0x80 == 0) || (first == 0xFF && second & 0x80 != 0)
            guard !isPadded else { throw element.fault(.invalidContent) }
        }
        return content
    }

    /// An INTEGER from 0 to 2³¹ − 1.
    public mutating func smallInteger() throws(DERFault) -> Int {
        let start = fault(.invalidContent)
        let content = try integer()
        guard content.count <= 4, let first = content.first, first & 0x80 == 0 else { throw start }
        return content.reduce(0) { $0 << 8 | Int($1) }
    }

    public mutating func objectIdentifier() throws(DERFault) -> ObjectIdentifier {
        let element = try next(.objectIdentifier)
        guard let identifier = ObjectIdentifier(content: element.content) else {
            throw element.fault(.invalidContent)
        }
        return identifier
    }

    public mutating func octetString() throws(DERFault) -> ArraySlice<UInt8> {
        try next(.octetString).content
    }

    /// A BIT STRING of whole octets, such as a signature or a key.
    public mutating func bitString() throws(DERFault) -> ArraySlice<UInt8> {
        let element = try next(.bitString)
        guard element.content.first == 0 else { throw element.fault(.invalidContent) }
        return element.content.dropFirst()
    }

    /// A named BIT STRING of at most 16 bits, bit 0 first in the highest place (X.690 section 11.2).
    public mutating func flags() throws(DERFault) -> UInt16 {
        let element = try next(.bitString)
        guard let unused = element.content.first, unused < 8 else { throw element.fault(.invalidContent) }
        let octets = Array(element.content.dropFirst())
        guard octets.count <= 2, unused == 0 || !octets.isEmpty else { throw element.fault(.invalidContent) }
        if let last = octets.last, last & UInt8((1 << UInt16(unused)) - 1) != 0 {
            throw element.fault(.invalidContent)
        }
        var value: UInt16 = 0
        for (index, octet) in octets.enumerated() { value |= UInt16(octet) << UInt16(index == 0 ? 8 : 0) }
        return value
    }

    public mutating func utf8String() throws(DERFault) -> String {
        let element = try next(.utf8String)
        guard let text = String(validating: element.content, as: UTF8.self) else {
            throw element.fault(.invalidContent)
        }
        return text
    }

    /// UTCTime or GeneralizedTime, as certificates write them (RFC 5280 section 4.1.2.5).
    public mutating func time() throws(DERFault) -> UnixTime {
        let element = try next()
        guard let time = UnixTime(der: element) else { throw element.fault(.invalidContent) }
        return time
    }
}

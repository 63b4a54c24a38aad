/// The identifier octet of an encoding: class, form and number (X.690 section 8.1.2).
public struct DERTag: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    public static let boolean = DERTag(rawValue: 0x01)
    public static let integer = DERTag(rawValue: 0x02)
    public static let bitString = DERTag(rawValue: 0x03)
    public static let octetString = DERTag(rawValue: 0x04)
    public static let null = DERTag(rawValue: 0x05)
    public static let objectIdentifier = DERTag(rawValue: 0x06)
    public static let utf8String = DERTag(rawValue: 0x0C)
    public static let printableString = DERTag(rawValue: 0x13)
    public static let utcTime = DERTag(rawValue: 0x17)
    public static let generalizedTime = DERTag(rawValue: 0x18)
    public static let sequence = DERTag(rawValue: 0x30)
    public static let set = DERTag(rawValue: 0x31)

    /// `[number]` around or in place of a primitive value.
    ///
    /// - Parameter number: below 31; of a larger one the low five bits count.
    public static func contextPrimitive(_ number: UInt8) -> DERTag {
        DERTag(rawValue: 0x80 | (number & 0x1F))
    }

    /// `[number]` around or in place of a constructed value.
    public static func contextConstructed(_ number: UInt8) -> DERTag {
        DERTag(rawValue: 0xA0 | (number & 0x1F))
    }
}

/// Floating-point numbers of 16 and fewer bits.
enum HalfFloat {
    /// IEEE 754 binary16, exactly: subnormal numbers, infinities and NaN too.
    @inline(__always)
    static func float(_ bits: UInt16) -> Float {
        let magnitude = UInt32(bits & 0x7FFF) << 13
        // The exponent's bias is 15 there and 127 here.
        let scaled = (Float(bitPattern: magnitude) * 0x1p112).bitPattern
        let special: UInt32 = bits & 0x7C00 == 0x7C00 ? 0x7F80_0000 : 0
        return Float(bitPattern: scaled | special | UInt32(bits & 0x8000) << 16)
    }

    @inline(__always)
    static func bfloat(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

    /// How small formats write what is no finite number.
    enum Special {
        /// As IEEE 754: the largest exponent is for infinities and NaN.
        case ieee
        /// All bits of exponent and fraction set are NaN; there are no infinities (OCP FP8, E4M3).
        case lastIsNaN
        /// Minus zero is NaN; there are no infinities and one bias more (the FNUZ formats).
        case minusZeroIsNaN
        /// All bits are numbers.
        case none
    }

    /// Every number of a format with a sign, `exponentBits` and `fractionBits`.
    static func table(exponentBits: Int, fractionBits: Int, bias: Int, special: Special) -> [Float] {
        let count = 1 << (1 + exponentBits + fractionBits)
        return (0..<count).map { code in
            let fraction = code & ((1 << fractionBits) - 1)
            let exponent = code >> fractionBits & ((1 << exponentBits) - 1)
            let isNegative = code >> (exponentBits + fractionBits) & 1 == 1
            let isLast = exponent == (1 << exponentBits) - 1
            switch special {
            case .ieee where isLast && fraction == 0: return isNegative ? -.infinity : .infinity
            case .ieee where isLast: return .nan
            case .lastIsNaN where isLast && fraction == (1 << fractionBits) - 1: return .nan
            case .minusZeroIsNaN where isNegative && exponent == 0 && fraction == 0: return .nan
            case .ieee, .lastIsNaN, .minusZeroIsNaN, .none: break
            }
            let part = Float(fraction) / Float(1 << fractionBits)
            let power = Float(sign: .plus, exponent: max(exponent, 1) - bias, significand: 1)
            let magnitude = (exponent == 0 ? part : 1 + part) * power
            return isNegative ? -magnitude : magnitude
        }
    }

    static let e4m3 = table(exponentBits: 4, fractionBits: 3, bias: 7, special: .lastIsNaN)
    static let e5m2 = table(exponentBits: 5, fractionBits: 2, bias: 15, special: .ieee)
    static let e4m3FNUZ = table(exponentBits: 4, fractionBits: 3, bias: 8, special: .minusZeroIsNaN)
    static let e5m2FNUZ = table(exponentBits: 5, fractionBits: 2, bias: 16, special: .minusZeroIsNaN)
    static let e2m1 = table(exponentBits: 2, fractionBits: 1, bias: 1, special: .none)
    /// A power of two alone (OCP MX, E8M0).
    static let e8m0 = (0..<256).map { code -> Float in
        code == 255 ? .nan : Float(sign: .plus, exponent: code - 127, significand: 1)
    }
}

// Ternary codes and codes that stand for a fixed set of numbers: TQ, MXFP4, NVFP4, IQ4.

/// Five numbers of -1, 0 and 1 to a byte.
enum TQ1_0Decoder: ScaledDecoder {
    static let elements = 256
    static let bytes = 54

    static func scaleCode(_ block: UnsafePointer<UInt8>, _ index: Int) -> UInt16 { block.uint16(52) }

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        for block in 0..<blocks {
            let (from, to) = (source + block * bytes, out + block * elements)
            let d = from.half(52)
            unpack(from, count: 32, digits: 5, d, to)
            unpack(from + 32, count: 16, digits: 5, d, to + 160)
            unpack(from + 48, count: 4, digits: 4, d, to + 240)
        }
    }

    @inline(__always)
    private static func unpack(
        _ codes: UnsafePointer<UInt8>, count: Int, digits: Int, _ d: Float, _ to: UnsafeMutablePointer<Float>
    ) {
        var power: UInt8 = 1
        for digit in 0..<digits {
            for index in 0..<count {
                let value = (UInt16(codes[index] &* power) * 3) >> 8
                to[digit * count + index] = Float(Int32(value) - 1) * d
            }
            power = power &* 3
        }
    }
}

enum TQ2_0Decoder: ScaledDecoder {
    static let elements = 256
    static let bytes = 66

    static func scaleCode(_ block: UnsafePointer<UInt8>, _ index: Int) -> UInt16 { block.uint16(64) }

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        for block in 0..<blocks {
            let (from, to) = (source + block * bytes, out + block * elements)
            let d = from.half(64)
            for part in 0..<8 {
                let (codes, shift) = (from + part / 4 * 32, UInt8(part % 4 * 2))
                for index in 0..<32 { to[part * 32 + index] = Float(Int32(codes[index] &>> shift & 3) - 1) * d }
            }
        }
    }
}

/// Numbers of 16 codes, as tables.
enum FourBitCodes {
    /// E2M1, doubled.
    static let e2m1: [Float] = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12]
    static let iq4: [Float] = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113]

    /// Half of the power of two that an E8M0 code stands for, as ggml has it: the tables are doubled.
    static let e8m0Halved = (0..<256).map { code -> Float in
        Float(bitPattern: code < 2 ? 0x0020_0000 << UInt32(code) : UInt32(code - 1) << 23)
    }

    /// Half of what an unsigned E4M3 code stands for.
    static let ue4m3Halved = (0..<256).map { code -> Float in
        if code == 0 || code == 0x7F { return 0 }
        let (exponent, fraction) = (code >> 3 & 15, Float(code & 7))
        let power = Float(sign: .plus, exponent: exponent - 7, significand: 1)
        return (exponent == 0 ? fraction * 0x1p-9 : (1 + fraction / 8) * power) / 2
    }
}

enum MXFP4Decoder: ScaledDecoder {
    static let elements = 32
    static let bytes = 17

    static func scaleCode(_ block: UnsafePointer<UInt8>, _ index: Int) -> UInt16 { UInt16(block[0]) }
    static func scale(of code: UInt16) -> Float { FourBitCodes.e8m0Halved[Int(code & 255)] * 2 }

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        FourBitCodes.e2m1.withUnsafeBufferPointer { values in
            FourBitCodes.e8m0Halved.withUnsafeBufferPointer { scales in
                for block in 0..<blocks {
                    let (from, to) = (source + block * bytes, out + block * elements)
                    let d = scales[Int(from[0])]
                    for index in 0..<16 {
                        let codes = from[1 + index]
                        to[index] = values[Int(codes & 15)] * d
                        to[index + 16] = values[Int(codes >> 4)] * d
                    }
                }
            }
        }
    }
}

enum NVFP4Decoder: ScaledDecoder {
    static let elements = 64
    static let bytes = 36
    static let scalesPerBlock = 4

    static func scaleCode(_ block: UnsafePointer<UInt8>, _ index: Int) -> UInt16 { UInt16(block[index & 3]) }
    static func scale(of code: UInt16) -> Float { FourBitCodes.ue4m3Halved[Int(code & 255)] * 2 }

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        FourBitCodes.e2m1.withUnsafeBufferPointer { values in
            FourBitCodes.ue4m3Halved.withUnsafeBufferPointer { scales in
                for part in 0..<blocks * 4 {
                    let from = source + part / 4 * bytes
                    let d = scales[Int(from[part % 4])]
                    let (codes, to) = (from + 4 + part % 4 * 8, out + part * 16)
                    for index in 0..<8 {
                        to[index] = values[Int(codes[index] & 15)] * d
                        to[index + 8] = values[Int(codes[index] >> 4)] * d
                    }
                }
            }
        }
    }
}

enum IQ4_NLDecoder: ScaledDecoder {
    static let elements = 32
    static let bytes = 18

    static func scaleCode(_ block: UnsafePointer<UInt8>, _ index: Int) -> UInt16 { block.uint16(0) }

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        FourBitCodes.iq4.withUnsafeBufferPointer { values in
            for block in 0..<blocks {
                let (from, to) = (source + block * bytes, out + block * elements)
                let d = from.half(0)
                for index in 0..<16 {
                    let codes = from[2 + index]
                    to[index] = values[Int(codes & 15)] * d
                    to[index + 16] = values[Int(codes >> 4)] * d
                }
            }
        }
    }
}

enum IQ4_XSDecoder: ScaledDecoder {
    static let elements = 256
    static let bytes = 136

    static func scaleCode(_ block: UnsafePointer<UInt8>, _ index: Int) -> UInt16 { block.uint16(0) }

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        FourBitCodes.iq4.withUnsafeBufferPointer { values in
            for block in 0..<blocks {
                let from = source + block * bytes
                let (d, high) = (from.half(0), from.uint16(2))
                for part in 0..<8 {
                    let low = from[4 + part / 2] &>> UInt8(part % 2 * 4) & 15
                    let scale = d * Float(Int32(UInt16(low) | (high &>> UInt16(part * 2) & 3) << 4) - 32)
                    let (codes, to) = (from + 8 + part * 16, out + block * elements + part * 32)
                    for index in 0..<16 {
                        to[index] = values[Int(codes[index] & 15)] * scale
                        to[index + 16] = values[Int(codes[index] >> 4)] * scale
                    }
                }
            }
        }
    }
}

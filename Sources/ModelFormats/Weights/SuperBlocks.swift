// Super-blocks of 256 numbers, whose parts have quantised scales: `block_q2_K` to `block_q8_K`.

enum Q2_KDecoder: ScaledDecoder {
    static let elements = 256
    static let bytes = 84

    static func scaleCode(_ block: UnsafePointer<UInt8>, _ index: Int) -> UInt16 { block.uint16(80) }

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        for block in 0..<blocks {
            let (from, to) = (source + block * bytes, out + block * elements)
            let (d, dmin) = (from.half(80), from.half(82))
            for part in 0..<16 {
                let packed = from[part]
                let (scale, offset) = (d * Float(packed & 15), dmin * Float(packed >> 4))
                // Eight parts of 16 to each 32 bytes, two bits at a time.
                let shift = UInt8(part / 2 % 4 * 2)
                let codes = from + 16 + part / 8 * 32 + part % 2 * 16
                for index in 0..<16 { to[part * 16 + index] = scale * Float(codes[index] &>> shift & 3) - offset }
            }
        }
    }
}

enum Q3_KDecoder: ScaledDecoder {
    static let elements = 256
    static let bytes = 110

    static func scaleCode(_ block: UnsafePointer<UInt8>, _ index: Int) -> UInt16 { block.uint16(108) }

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        for block in 0..<blocks {
            let (from, to) = (source + block * bytes, out + block * elements)
            let d = from.half(108)
            let packed = from + 96
            for part in 0..<16 {
                let low = part < 8 ? packed[part] & 15 : packed[part - 8] >> 4
                let high = packed[8 + part % 4] &>> UInt8(part / 4 * 2) & 3
                let scale = d * Float(Int32(low | high << 4) - 32)
                let (shift, bit) = (UInt8(part / 2 % 4 * 2), UInt8(part / 2))
                let codes = from + 32 + part / 8 * 32 + part % 2 * 16
                let mask = from + part % 2 * 16
                for index in 0..<16 {
                    // The bit says that nothing is taken away.
                    let away = Int32(4) - Int32(mask[index] &>> bit & 1) * 4
                    to[part * 16 + index] = scale * Float(Int32(codes[index] &>> shift & 3) - away)
                }
            }
        }
    }
}

/// The scales and offsets of Q4_K and Q5_K: eight of each in twelve bytes, six bits a piece.
enum PackedScales {
    @inline(__always)
    static func read(_ bytes: UnsafePointer<UInt8>, _ index: Int) -> (scale: Float, offset: Float) {
        guard index >= 4 else { return (Float(bytes[index] & 63), Float(bytes[index + 4] & 63)) }
        let (low, high) = (bytes[index + 4], (bytes[index - 4] >> 6, bytes[index] >> 6))
        return (Float(low & 15 | high.0 << 4), Float(low >> 4 | high.1 << 4))
    }
}

enum Q4_KDecoder: ScaledDecoder {
    static let elements = 256
    static let bytes = 144

    static func scaleCode(_ block: UnsafePointer<UInt8>, _ index: Int) -> UInt16 { block.uint16(0) }

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        for block in 0..<blocks {
            let (from, to) = (source + block * bytes, out + block * elements)
            let (d, dmin) = (from.half(0), from.half(2))
            for part in 0..<4 {
                let (first, second) = (PackedScales.read(from + 4, part * 2), PackedScales.read(from + 4, part * 2 + 1))
                let (scale, offset) = (d * first.scale, dmin * first.offset)
                let (scale2, offset2) = (d * second.scale, dmin * second.offset)
                let (codes, target) = (from + 16 + part * 32, to + part * 64)
                for index in 0..<32 {
                    target[index] = scale * Float(codes[index] & 15) - offset
                    target[index + 32] = scale2 * Float(codes[index] >> 4) - offset2
                }
            }
        }
    }
}

enum Q5_KDecoder: ScaledDecoder {
    static let elements = 256
    static let bytes = 176

    static func scaleCode(_ block: UnsafePointer<UInt8>, _ index: Int) -> UInt16 { block.uint16(0) }

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        for block in 0..<blocks {
            let (from, to) = (source + block * bytes, out + block * elements)
            let (d, dmin) = (from.half(0), from.half(2))
            let high = from + 16
            for part in 0..<4 {
                let (first, second) = (PackedScales.read(from + 4, part * 2), PackedScales.read(from + 4, part * 2 + 1))
                let (scale, offset) = (d * first.scale, dmin * first.offset)
                let (scale2, offset2) = (d * second.scale, dmin * second.offset)
                let (codes, target) = (from + 48 + part * 32, to + part * 64)
                let bit = UInt8(part * 2)
                for index in 0..<32 {
                    let bits = high[index] &>> bit
                    target[index] = scale * Float(codes[index] & 15 | (bits & 1) << 4) - offset
                    target[index + 32] = scale2 * Float(codes[index] >> 4 | (bits >> 1 & 1) << 4) - offset2
                }
            }
        }
    }
}

enum Q6_KDecoder: ScaledDecoder {
    static let elements = 256
    static let bytes = 210

    static func scaleCode(_ block: UnsafePointer<UInt8>, _ index: Int) -> UInt16 { block.uint16(208) }

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        for block in 0..<blocks {
            let (from, to) = (source + block * bytes, out + block * elements)
            let d = from.half(208)
            for part in 0..<16 {
                // Four runs of 32 share 64 low and 32 high bytes; a scale is for 16.
                let (half, run, side) = (part / 8, part / 2 % 4, part % 2 * 16)
                let scale = d * from.int8(192 + part)
                let low = from + half * 64 + run % 2 * 32 + side
                let high = from + 128 + half * 32 + side
                let (shift, highShift) = (UInt8(run / 2 * 4), UInt8(run * 2))
                for index in 0..<16 {
                    let code = low[index] &>> shift & 15 | (high[index] &>> highShift & 3) << 4
                    to[part * 16 + index] = scale * Float(Int32(code) - 32)
                }
            }
        }
    }
}

/// Made while computing; no file should hold it.
enum Q8_KDecoder: BlockDecoder {
    static let elements = 256
    static let bytes = 292

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        for block in 0..<blocks {
            let (from, to) = (source + block * bytes, out + block * elements)
            let d = Float(bitPattern: from.uint32(0))
            for index in 0..<256 { to[index] = from.int8(4 + index) * d }
        }
    }
}

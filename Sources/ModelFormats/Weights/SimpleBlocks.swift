// Blocks with one scale: `block_q1_0` to `block_q8_1`.

enum Q1_0Decoder: ScaledDecoder {
    static let elements = 128
    static let bytes = 18

    static func scaleCode(_ block: UnsafePointer<UInt8>, _ index: Int) -> UInt16 { block.uint16(0) }

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        for block in 0..<blocks {
            let (from, to) = (source + block * bytes, out + block * elements)
            let d = from.half(0)
            for index in 0..<16 {
                let bits = from[2 + index]
                for bit in 0..<8 { to[index * 8 + bit] = bits &>> UInt8(bit) & 1 == 1 ? d : -d }
            }
        }
    }
}

enum Q2_0Decoder: ScaledDecoder {
    static let elements = 64
    static let bytes = 18

    static func scaleCode(_ block: UnsafePointer<UInt8>, _ index: Int) -> UInt16 { block.uint16(0) }

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        for block in 0..<blocks {
            let (from, to) = (source + block * bytes, out + block * elements)
            let d = from.half(0)
            for index in 0..<16 {
                let codes = from[2 + index]
                for part in 0..<4 { to[index * 4 + part] = Float(Int32(codes &>> UInt8(part * 2) & 3) - 1) * d }
            }
        }
    }
}

enum Q4_0Decoder: ScaledDecoder {
    static let elements = 32
    static let bytes = 18

    static func scaleCode(_ block: UnsafePointer<UInt8>, _ index: Int) -> UInt16 { block.uint16(0) }

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        for block in 0..<blocks {
            let (from, to) = (source + block * bytes, out + block * elements)
            let d = from.half(0)
            for index in 0..<16 {
                let codes = from[2 + index]
                to[index] = Float(Int32(codes & 15) - 8) * d
                to[index + 16] = Float(Int32(codes >> 4) - 8) * d
            }
        }
    }
}

enum Q4_1Decoder: ScaledDecoder {
    static let elements = 32
    static let bytes = 20

    static func scaleCode(_ block: UnsafePointer<UInt8>, _ index: Int) -> UInt16 { block.uint16(0) }

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        for block in 0..<blocks {
            let (from, to) = (source + block * bytes, out + block * elements)
            let (d, m) = (from.half(0), from.half(2))
            for index in 0..<16 {
                let codes = from[4 + index]
                to[index] = Float(Int32(codes & 15)) * d + m
                to[index + 16] = Float(Int32(codes >> 4)) * d + m
            }
        }
    }
}

enum Q5_0Decoder: ScaledDecoder {
    static let elements = 32
    static let bytes = 22

    static func scaleCode(_ block: UnsafePointer<UInt8>, _ index: Int) -> UInt16 { block.uint16(0) }

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        for block in 0..<blocks {
            let (from, to) = (source + block * bytes, out + block * elements)
            let d = from.half(0)
            let high = from.uint32(2)
            for index in 0..<16 {
                let codes = UInt32(from[6 + index])
                let low = codes & 15 | (high &>> UInt32(index) & 1) << 4
                let upper = codes >> 4 | (high &>> UInt32(index + 16) & 1) << 4
                to[index] = Float(Int32(bitPattern: low) - 16) * d
                to[index + 16] = Float(Int32(bitPattern: upper) - 16) * d
            }
        }
    }
}

enum Q5_1Decoder: ScaledDecoder {
    static let elements = 32
    static let bytes = 24

    static func scaleCode(_ block: UnsafePointer<UInt8>, _ index: Int) -> UInt16 { block.uint16(0) }

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        for block in 0..<blocks {
            let (from, to) = (source + block * bytes, out + block * elements)
            let (d, m) = (from.half(0), from.half(2))
            let high = from.uint32(4)
            for index in 0..<16 {
                let codes = UInt32(from[8 + index])
                let low = codes & 15 | (high &>> UInt32(index) & 1) << 4
                let upper = codes >> 4 | (high &>> UInt32(index + 16) & 1) << 4
                to[index] = Float(Int32(bitPattern: low)) * d + m
                to[index + 16] = Float(Int32(bitPattern: upper)) * d + m
            }
        }
    }
}

enum Q8_0Decoder: ScaledDecoder {
    static let elements = 32
    static let bytes = 34

    static func scaleCode(_ block: UnsafePointer<UInt8>, _ index: Int) -> UInt16 { block.uint16(0) }

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        for block in 0..<blocks {
            let (from, to) = (source + block * bytes, out + block * elements)
            let d = from.half(0)
            for index in 0..<32 { to[index] = from.int8(2 + index) * d }
        }
    }
}

/// Like Q8_0, with the sum of the block behind the scale.
enum Q8_1Decoder: ScaledDecoder {
    static let elements = 32
    static let bytes = 36

    static func scaleCode(_ block: UnsafePointer<UInt8>, _ index: Int) -> UInt16 { block.uint16(0) }

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        for block in 0..<blocks {
            let (from, to) = (source + block * bytes, out + block * elements)
            let d = from.half(0)
            for index in 0..<32 { to[index] = from.int8(4 + index) * d }
        }
    }
}

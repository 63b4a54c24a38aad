// Super-blocks whose codes name entries of a codebook: IQ1, IQ2 and IQ3.

/// A codebook, spread out to numbers.
enum Codebook {
    static let iq2XXS = numbers(CodebookWords.iq2XXS, bits: 2, [8, 25, 43])
    static let iq2XS = numbers(CodebookWords.iq2XS, bits: 2, [8, 25, 43])
    static let iq2S = numbers(CodebookWords.iq2S, bits: 2, [8, 25, 43])
    static let iq3XXS = numbers(CodebookWords.iq3XXS, bits: 3, [4, 12, 20, 28, 36, 44, 52, 62])
    static let iq3S = numbers(CodebookWords.iq3S, bits: 3, [1, 3, 5, 7, 9, 11, 13, 15])
    static let iq1 = numbers(CodebookWords.iq1, bits: 2, [-1, 0, 1])

    /// Seven signs of IQ2 and IQ3 are stored; the eighth makes their number even.
    static let signs = (0..<128).map { code in UInt8(code | (code.nonzeroBitCount % 2) << 7) }

    private static func numbers(_ words: String, bits: Int, _ values: [Float]) -> [Float] {
        let digits = words.utf8.map {
            Int($0 < UInt8(ascii: "a") ? $0 - UInt8(ascii: "0") : $0 - UInt8(ascii: "a") + 10)
        }
        let count = bits == 2 ? 8 : 4
        return stride(from: 0, to: digits.count, by: 4).flatMap { start in
            let word = digits[start..<start + 4].reduce(0) { $0 << 4 | $1 }
            return (0..<count).map { values[min(word >> ($0 * bits) & (1 << bits - 1), values.count - 1)] }
        }
    }

    /// Copies an entry, each number with its sign and scaled.
    @inline(__always)
    static func copy(
        _ entry: UnsafePointer<Float>, count: Int, signs: UInt8, _ scale: Float, _ to: UnsafeMutablePointer<Float>
    ) {
        for index in 0..<count {
            let sign = UInt32(signs &>> UInt8(index) & 1) << 31
            to[index] = Float(bitPattern: (entry[index] * scale).bitPattern ^ sign)
        }
    }

    /// Lends a codebook and the table of signs.
    @inline(__always)
    static func with(
        _ book: [Float], _ body: (_ book: UnsafePointer<Float>, _ signs: UnsafePointer<UInt8>) -> Void
    ) {
        book.withUnsafeBufferPointer { book in
            signs.withUnsafeBufferPointer { signs in
                if let book = book.baseAddress, let signs = signs.baseAddress { body(book, signs) }
            }
        }
    }
}

enum IQ2_XXSDecoder: ScaledDecoder {
    static let elements = 256
    static let bytes = 66

    static func scaleCode(_ block: UnsafePointer<UInt8>, _ index: Int) -> UInt16 { block.uint16(0) }

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        Codebook.with(Codebook.iq2XXS) { book, signTable in
            for part in 0..<blocks * 8 {
                let (from, to) = (source + part / 8 * bytes, out + part * 32)
                let codes = from + 2 + part % 8 * 8
                let signs = codes.uint32(4)
                let scale = from.half(0) * (0.5 + Float(signs >> 28)) * 0.25
                for index in 0..<4 {
                    Codebook.copy(
                        book + Int(codes[index]) * 8, count: 8,
                        signs: signTable[Int(signs &>> UInt32(index * 7) & 127)],
                        scale, to + index * 8)
                }
            }
        }
    }
}

enum IQ2_XSDecoder: ScaledDecoder {
    static let elements = 256
    static let bytes = 74

    static func scaleCode(_ block: UnsafePointer<UInt8>, _ index: Int) -> UInt16 { block.uint16(0) }

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        Codebook.with(Codebook.iq2XS) { book, signTable in
            for part in 0..<blocks * 8 {
                let (from, to) = (source + part / 8 * bytes, out + part * 32)
                let (d, scales) = (from.half(0), from[66 + part % 8])
                for index in 0..<4 {
                    let code = from.uint16(2 + part % 8 * 8 + index * 2)
                    let scale = d * (0.5 + Float(index < 2 ? scales & 15 : scales >> 4)) * 0.25
                    Codebook.copy(
                        book + Int(code & 511) * 8, count: 8, signs: signTable[Int(code >> 9)], scale, to + index * 8)
                }
            }
        }
    }
}

enum IQ2_SDecoder: ScaledDecoder {
    static let elements = 256
    static let bytes = 82

    static func scaleCode(_ block: UnsafePointer<UInt8>, _ index: Int) -> UInt16 { block.uint16(0) }

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        Codebook.with(Codebook.iq2S) { book, _ in
            for part in 0..<blocks * 8 {
                let (from, to) = (source + part / 8 * bytes, out + part * 32)
                let (d, high, scales) = (from.half(0), from[66 + part % 8], from[74 + part % 8])
                for index in 0..<4 {
                    let place = part % 8 * 4 + index
                    let code = Int(from[2 + place]) | Int(high &>> UInt8(index * 2) & 3) << 8
                    let scale = d * (0.5 + Float(index < 2 ? scales & 15 : scales >> 4)) * 0.25
                    Codebook.copy(book + code * 8, count: 8, signs: from[34 + place], scale, to + index * 8)
                }
            }
        }
    }
}

enum IQ3_XXSDecoder: ScaledDecoder {
    static let elements = 256
    static let bytes = 98

    static func scaleCode(_ block: UnsafePointer<UInt8>, _ index: Int) -> UInt16 { block.uint16(0) }

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        Codebook.with(Codebook.iq3XXS) { book, signTable in
            for part in 0..<blocks * 8 {
                let (from, to) = (source + part / 8 * bytes, out + part * 32)
                let (codes, signs) = (from + 2 + part % 8 * 8, from.uint32(66 + part % 8 * 4))
                let scale = from.half(0) * (0.5 + Float(signs >> 28)) * 0.5
                for index in 0..<4 {
                    let sign = signTable[Int(signs &>> UInt32(index * 7) & 127)]
                    let (first, second) = (Int(codes[index * 2]), Int(codes[index * 2 + 1]))
                    Codebook.copy(book + first * 4, count: 4, signs: sign, scale, to + index * 8)
                    Codebook.copy(book + second * 4, count: 4, signs: sign >> 4, scale, to + index * 8 + 4)
                }
            }
        }
    }
}

enum IQ3_SDecoder: ScaledDecoder {
    static let elements = 256
    static let bytes = 110

    static func scaleCode(_ block: UnsafePointer<UInt8>, _ index: Int) -> UInt16 { block.uint16(0) }

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        Codebook.with(Codebook.iq3S) { book, _ in
            for part in 0..<blocks * 8 {
                let (from, to) = (source + part / 8 * bytes, out + part * 32)
                let (codes, high) = (from + 2 + part % 8 * 8, Int(from[66 + part % 8]))
                let scales = from[106 + part % 8 / 2] &>> UInt8(part % 2 * 4) & 15
                let scale = from.half(0) * Float(1 + 2 * Int32(scales))
                for index in 0..<4 {
                    let sign = from[74 + part % 8 * 4 + index]
                    let first = Int(codes[index * 2]) | (high &>> (index * 2) & 1) << 8
                    let second = Int(codes[index * 2 + 1]) | (high &>> (index * 2 + 1) & 1) << 8
                    Codebook.copy(book + first * 4, count: 4, signs: sign, scale, to + index * 8)
                    Codebook.copy(book + second * 4, count: 4, signs: sign >> 4, scale, to + index * 8 + 4)
                }
            }
        }
    }
}

enum IQ1_SDecoder: ScaledDecoder {
    static let elements = 256
    static let bytes = 50

    static func scaleCode(_ block: UnsafePointer<UInt8>, _ index: Int) -> UInt16 { block.uint16(0) }

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        Codebook.with(Codebook.iq1) { book, _ in
            for part in 0..<blocks * 8 {
                let (from, to) = (source + part / 8 * bytes, out + part * 32)
                let high = from.uint16(34 + part % 8 * 2)
                let scale = from.half(0) * Float(2 * Int32(high >> 12 & 7) + 1)
                let delta: Float = high & 0x8000 == 0 ? 0.125 : -0.125
                for index in 0..<4 {
                    let code = Int(from[2 + part % 8 * 4 + index]) | Int(high &>> UInt16(index * 3) & 7) << 8
                    let entry = book + code * 8
                    for number in 0..<8 { to[index * 8 + number] = scale * (entry[number] + delta) }
                }
            }
        }
    }
}

/// The scale of a block is spread over the high bits of four words.
enum IQ1_MDecoder: ScaledDecoder {
    static let elements = 256
    static let bytes = 56

    static func scaleCode(_ block: UnsafePointer<UInt8>, _ index: Int) -> UInt16 {
        block.uint16(48) >> 12 | block.uint16(50) >> 8 & 0x00F0 | block.uint16(52) >> 4 & 0x0F00
            | block.uint16(54) & 0xF000
    }

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        Codebook.with(Codebook.iq1) { book, _ in
            for part in 0..<blocks * 8 {
                let (from, to) = (source + part / 8 * bytes, out + part * 32)
                let d = HalfFloat.float(scaleCode(from, 0))
                let scales = from.uint16(48 + part % 8 / 2 * 2) &>> UInt16(part % 2 * 6)
                for index in 0..<4 {
                    let high = from[32 + part % 8 * 2 + index / 2] &>> UInt8(index % 2 * 4)
                    let code = Int(from[part % 8 * 4 + index]) | Int(high & 7) << 8
                    let scale = d * Float(2 * Int32(scales &>> UInt16(index / 2 * 3) & 7) + 1)
                    let delta: Float = high & 8 == 0 ? 0.125 : -0.125
                    let entry = book + code * 8
                    for number in 0..<8 { to[index * 8 + number] = scale * (entry[number] + delta) }
                }
            }
        }
    }
}

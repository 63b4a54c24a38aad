// Numbers that stand for themselves, of GGUF and of safetensors.

enum F32Decoder: BlockDecoder {
    static let elements = 1
    static let bytes = 4

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        for index in 0..<blocks { out[index] = Float(bitPattern: source.uint32(index * 4)) }
    }
}

enum F16Decoder: BlockDecoder {
    static let elements = 1
    static let bytes = 2

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        for index in 0..<blocks { out[index] = source.half(index * 2) }
    }
}

enum BF16Decoder: BlockDecoder {
    static let elements = 1
    static let bytes = 2

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        for index in 0..<blocks { out[index] = HalfFloat.bfloat(source.uint16(index * 2)) }
    }
}

enum I8Decoder: BlockDecoder {
    static let elements = 1
    static let bytes = 1

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        for index in 0..<blocks { out[index] = source.int8(index) }
    }
}

/// U8 and BOOL.
enum U8Decoder: BlockDecoder {
    static let elements = 1
    static let bytes = 1

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        for index in 0..<blocks { out[index] = Float(source[index]) }
    }
}

enum I16Decoder: BlockDecoder {
    static let elements = 1
    static let bytes = 2

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        for index in 0..<blocks { out[index] = Float(Int16(bitPattern: source.uint16(index * 2))) }
    }
}

enum U16Decoder: BlockDecoder {
    static let elements = 1
    static let bytes = 2

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        for index in 0..<blocks { out[index] = Float(source.uint16(index * 2)) }
    }
}

/// Formats of a byte, each code of which is in a table.
protocol ByteTableDecoder: BlockDecoder {
    static var table: [Float] { get }
}

extension ByteTableDecoder {
    static var elements: Int { 1 }
    static var bytes: Int { 1 }

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        table.withUnsafeBufferPointer { table in
            for index in 0..<blocks { out[index] = table[Int(source[index])] }
        }
    }
}

enum E4M3Decoder: ByteTableDecoder { static var table: [Float] { HalfFloat.e4m3 } }
enum E5M2Decoder: ByteTableDecoder { static var table: [Float] { HalfFloat.e5m2 } }
enum E4M3FNUZDecoder: ByteTableDecoder { static var table: [Float] { HalfFloat.e4m3FNUZ } }
enum E5M2FNUZDecoder: ByteTableDecoder { static var table: [Float] { HalfFloat.e5m2FNUZ } }
enum E8M0Decoder: ByteTableDecoder { static var table: [Float] { HalfFloat.e8m0 } }

/// Two numbers to a byte, the low four bits first.
enum F4Decoder: BlockDecoder {
    static let elements = 2
    static let bytes = 1

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>) {
        HalfFloat.e2m1.withUnsafeBufferPointer { table in
            for index in 0..<blocks {
                out[index * 2] = table[Int(source[index] & 15)]
                out[index * 2 + 1] = table[Int(source[index] >> 4)]
            }
        }
    }
}

/// Numbers that 32 bits of floating point cannot hold.
protocol WideDecoder: SendableMetatype {
    static var bytes: Int { get }
    static func decode(_ source: UnsafePointer<UInt8>, _ index: Int) -> Double
}

enum F64Decoder: WideDecoder {
    static let bytes = 8

    static func decode(_ source: UnsafePointer<UInt8>, _ index: Int) -> Double {
        Double(bitPattern: source.uint64(index * 8))
    }
}

enum I32Decoder: WideDecoder {
    static let bytes = 4

    static func decode(_ source: UnsafePointer<UInt8>, _ index: Int) -> Double {
        Double(Int32(bitPattern: source.uint32(index * 4)))
    }
}

enum U32Decoder: WideDecoder {
    static let bytes = 4

    static func decode(_ source: UnsafePointer<UInt8>, _ index: Int) -> Double { Double(source.uint32(index * 4)) }
}

enum I64Decoder: WideDecoder {
    static let bytes = 8

    static func decode(_ source: UnsafePointer<UInt8>, _ index: Int) -> Double {
        Double(Int64(bitPattern: source.uint64(index * 8)))
    }
}

enum U64Decoder: WideDecoder {
    static let bytes = 8

    static func decode(_ source: UnsafePointer<UInt8>, _ index: Int) -> Double { Double(source.uint64(index * 8)) }
}

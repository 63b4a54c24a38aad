/// Turns the blocks of one element type into numbers, as ggml does (`ggml-quants.c`, `dequantize_row_*`).
///
/// Whatever the bytes are, a decoder reads `blocks * bytes` of them, writes `blocks * elements` numbers and nothing
/// else: every index that comes from the data is masked to the size of its table.
protocol BlockDecoder: SendableMetatype {
    /// Numbers of a block.
    static var elements: Int { get }
    /// Bytes of a block.
    static var bytes: Int { get }

    static func decode(_ source: UnsafePointer<UInt8>, blocks: Int, into out: UnsafeMutablePointer<Float>)
}

/// A block that says how large its numbers are.
protocol ScaledDecoder: BlockDecoder {
    /// How many scales a block has.
    static var scalesPerBlock: Int { get }
    /// The scale as it is stored, in 16 bits.
    static func scaleCode(_ block: UnsafePointer<UInt8>, _ index: Int) -> UInt16
    static func scale(of code: UInt16) -> Float
}

extension ScaledDecoder {
    static var scalesPerBlock: Int { 1 }
    static func scale(of code: UInt16) -> Float { HalfFloat.float(code) }
}

extension UnsafePointer<UInt8> {
    /// Little-endian, at any address.
    @inline(__always)
    func uint16(_ offset: Int) -> UInt16 {
        UInt16(littleEndian: UnsafeRawPointer(self + offset).loadUnaligned(as: UInt16.self))
    }

    @inline(__always)
    func uint32(_ offset: Int) -> UInt32 {
        UInt32(littleEndian: UnsafeRawPointer(self + offset).loadUnaligned(as: UInt32.self))
    }

    @inline(__always)
    func uint64(_ offset: Int) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(self + offset).loadUnaligned(as: UInt64.self))
    }

    @inline(__always)
    func half(_ offset: Int) -> Float { HalfFloat.float(uint16(offset)) }

    @inline(__always)
    func int8(_ offset: Int) -> Float { Float(Int8(bitPattern: self[offset])) }
}

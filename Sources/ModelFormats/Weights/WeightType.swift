/// An element type whose numbers can be read: all of ggml's that exist, and those of safetensors that are real numbers
/// of whole bytes.
public struct WeightType: Sendable {
    enum Decoding: Sendable {
        case narrow(any BlockDecoder.Type)
        case wide(any WideDecoder.Type)
    }

    let decoding: Decoding

    /// - Parameter name: as `TensorEntry.typeName` has it. Types that both formats have are the same in both.
    /// - Returns: `nil` for types that are not known, complex, or packed across bytes.
    public init?(name: String) {
        if let type = GGMLType.allCases.first(where: { $0.name == name }) {
            decoding = Self.decoding(of: type)
        } else if let type = SafetensorsDtype(rawValue: name), let decoding = Self.decoding(of: type) {
            self.decoding = decoding
        } else {
            return nil
        }
    }

    /// Numbers and bytes of a block; 1 and the size of a number where there are no blocks.
    public var block: (elements: Int, bytes: Int) {
        switch decoding {
        case .narrow(let decoder): (decoder.elements, decoder.bytes)
        case .wide(let decoder): (1, decoder.bytes)
        }
    }

    /// Whether numbers share scales.
    public var isQuantised: Bool {
        if case .narrow(let decoder) = decoding { decoder is any ScaledDecoder.Type } else { false }
    }

    /// The numbers of whole blocks, one after the other in the order of the tensor; bytes behind the last whole block
    /// are left. For tests and small tensors: a number of 64 bits becomes the nearest one of 32.
    public func numbers(_ bytes: [UInt8]) -> [Float] {
        let blocks = bytes.count / block.bytes
        return bytes.withUnsafeBufferPointer { source in
            guard let start = source.baseAddress, blocks > 0 else { return [] }
            switch decoding {
            case .wide(let decoder): return (0..<blocks).map { Float(decoder.decode(start, $0)) }
            case .narrow(let decoder):
                return [Float](unsafeUninitializedCapacity: blocks * block.elements) { out, count in
                    guard let target = out.baseAddress else { return }
                    decoder.decode(start, blocks: blocks, into: target)
                    count = blocks * block.elements
                }
            }
        }
    }

    private static func decoding(of type: GGMLType) -> Decoding {
        switch type {
        case .f32: .narrow(F32Decoder.self)
        case .f16: .narrow(F16Decoder.self)
        case .bf16: .narrow(BF16Decoder.self)
        case .f64: .wide(F64Decoder.self)
        case .i8: .narrow(I8Decoder.self)
        case .i16: .narrow(I16Decoder.self)
        case .i32: .wide(I32Decoder.self)
        case .i64: .wide(I64Decoder.self)
        case .q1_0: .narrow(Q1_0Decoder.self)
        case .q2_0: .narrow(Q2_0Decoder.self)
        case .q4_0: .narrow(Q4_0Decoder.self)
        case .q4_1: .narrow(Q4_1Decoder.self)
        case .q5_0: .narrow(Q5_0Decoder.self)
        case .q5_1: .narrow(Q5_1Decoder.self)
        case .q8_0: .narrow(Q8_0Decoder.self)
        case .q8_1: .narrow(Q8_1Decoder.self)
        case .q2_K: .narrow(Q2_KDecoder.self)
        case .q3_K: .narrow(Q3_KDecoder.self)
        case .q4_K: .narrow(Q4_KDecoder.self)
        case .q5_K: .narrow(Q5_KDecoder.self)
        case .q6_K: .narrow(Q6_KDecoder.self)
        case .q8_K: .narrow(Q8_KDecoder.self)
        case .iq1_S: .narrow(IQ1_SDecoder.self)
        case .iq1_M: .narrow(IQ1_MDecoder.self)
        case .iq2_XXS: .narrow(IQ2_XXSDecoder.self)
        case .iq2_XS: .narrow(IQ2_XSDecoder.self)
        case .iq2_S: .narrow(IQ2_SDecoder.self)
        case .iq3_XXS: .narrow(IQ3_XXSDecoder.self)
        case .iq3_S: .narrow(IQ3_SDecoder.self)
        case .iq4_NL: .narrow(IQ4_NLDecoder.self)
        case .iq4_XS: .narrow(IQ4_XSDecoder.self)
        case .tq1_0: .narrow(TQ1_0Decoder.self)
        case .tq2_0: .narrow(TQ2_0Decoder.self)
        case .mxfp4: .narrow(MXFP4Decoder.self)
        case .nvfp4: .narrow(NVFP4Decoder.self)
        }
    }

    private static func decoding(of type: SafetensorsDtype) -> Decoding? {
        switch type {
        case .f32: .narrow(F32Decoder.self)
        case .f16: .narrow(F16Decoder.self)
        case .bf16: .narrow(BF16Decoder.self)
        case .f64: .wide(F64Decoder.self)
        case .bool, .u8: .narrow(U8Decoder.self)
        case .i8: .narrow(I8Decoder.self)
        case .u16: .narrow(U16Decoder.self)
        case .i16: .narrow(I16Decoder.self)
        case .u32: .wide(U32Decoder.self)
        case .i32: .wide(I32Decoder.self)
        case .u64: .wide(U64Decoder.self)
        case .i64: .wide(I64Decoder.self)
        case .f8E4M3: .narrow(E4M3Decoder.self)
        case .f8E5M2: .narrow(E5M2Decoder.self)
        case .f8E4M3FNUZ: .narrow(E4M3FNUZDecoder.self)
        case .f8E5M2FNUZ: .narrow(E5M2FNUZDecoder.self)
        case .f8E8M0: .narrow(E8M0Decoder.self)
        case .f4: .narrow(F4Decoder.self)
        case .f6E2M3, .f6E3M2, .c64: nil
        }
    }
}

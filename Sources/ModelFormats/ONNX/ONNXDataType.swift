/// The type of a tensor's elements (`TensorProto.DataType`).
enum ONNXDataType: UInt64 {
    case float = 1
    case uint8, int8, uint16, int16, int32, int64, string, bool, float16, double, uint32, uint64, complex64
    case complex128, bfloat16, float8E4M3FN, float8E4M3FNUZ, float8E5M2, float8E5M2FNUZ, uint4, int4, float4E2M1
    case float8E8M0, uint2, int2

    /// Bits of an element; `nil` for texts.
    var bits: UInt64? {
        switch self {
        case .string: nil
        case .uint2, .int2: 2
        case .uint4, .int4, .float4E2M1: 4
        case .uint8, .int8, .bool, .float8E4M3FN, .float8E4M3FNUZ, .float8E5M2, .float8E5M2FNUZ, .float8E8M0: 8
        case .uint16, .int16, .float16, .bfloat16: 16
        case .float, .int32, .uint32: 32
        case .int64, .double, .uint64, .complex64: 64
        case .complex128: 128
        }
    }

    /// The field of a tensor that holds elements of this type one by one.
    var field: ONNXTensor.Field {
        switch self {
        case .float, .complex64: .floats
        case .double, .complex128: .doubles
        case .int64: .int64s
        case .uint32, .uint64: .uint64s
        case .string: .texts
        default: .int32s
        }
    }

    /// Entries of that field for so many elements.
    func entries(for elements: UInt64) -> UInt64? {
        switch self {
        case .complex64, .complex128:
            let (product, overflow) = elements.multipliedReportingOverflow(by: 2)
            return overflow ? nil : product
        case .uint4, .int4, .float4E2M1: return elements / 2 + elements % 2
        case .uint2, .int2: return elements / 4 + (elements % 4 == 0 ? 0 : 1)
        default: return elements
        }
    }

    /// Bytes of so many elements, packed; `nil` if that is no number of 64 bits, or for texts.
    func bytes(for elements: UInt64) -> UInt64? {
        guard let bits else { return nil }
        if bits < 8 {
            let perByte = 8 / bits
            return elements / perByte + (elements % perByte == 0 ? 0 : 1)
        }
        let (product, overflow) = elements.multipliedReportingOverflow(by: bits / 8)
        return overflow ? nil : product
    }
}

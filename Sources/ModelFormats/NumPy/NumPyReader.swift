/// Reads the header of a NumPy array and no elements.
///
/// The header is a literal of Python, which NumPy hands to a parser of Python. Here it is read by a grammar that knows
/// nothing else.
public enum NumPyReader {
    static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]

    /// - Parameter offset: where the array begins: several may follow one another in a file.
    /// - Throws: only where the structure cannot be known.
    public static func read(
        _ source: any ByteSource, at offset: UInt64 = 0, limits: NumPyLimits = .standard
    ) throws(FormatFault) -> NumPyArray {
        var reader = ByteReader(source, from: offset)
        guard try reader.bytes(magic.count) == magic else { throw .invalid(.numpyHeader, offset: offset) }
        let version = try reader.uint8()
        let minor = try reader.uint8()
        guard (1...3).contains(version), minor == 0 else { throw .invalid(.numpyVersion, offset: offset + 6) }
        let length = version == 1 ? UInt64(try reader.uint16()) : UInt64(try reader.uint32())
        guard length <= UInt64(limits.headerBytesMax) else { throw .limitExceeded(.numpyHeaderBytes, offset: offset) }
        let headerOffset = reader.offset
        let header = try reader.bytes(Int(length))
        guard let fields = Fields(header, limits) else { throw .invalid(.numpyHeader, offset: headerOffset) }
        return NumPyArray(
            version: version, shape: fields.shape, dtype: fields.dtype, dataOffset: reader.offset,
            dataBytes: try dataBytes(fields, at: headerOffset))
    }

    /// Whether another array begins there.
    public static func isArray(_ source: any ByteSource, at offset: UInt64) throws(FormatFault) -> Bool {
        guard source.sizeBytes - min(offset, source.sizeBytes) >= UInt64(magic.count) else { return false }
        return try source.bytes(at: offset, count: magic.count) == magic
    }

    private static func dataBytes(_ fields: Fields, at offset: UInt64) throws(FormatFault) -> UInt64? {
        guard let count = TensorShape.elementCount(fields.shape) else { throw .invalid(.numpyShape, offset: offset) }
        if fields.dtype.holdsObjects { return nil }
        guard let itemBytes = fields.dtype.itemBytes else {
            // Too large, or of a type that is not known.
            guard fields.dtype.unknown != nil else { throw .invalid(.numpyShape, offset: offset) }
            return nil
        }
        let (product, overflow) = count.multipliedReportingOverflow(by: itemBytes)
        guard !overflow, product <= UInt64(Int64.max) else { throw .invalid(.numpyShape, offset: offset) }
        return product
    }

    /// The three members of a header, each there once.
    private struct Fields {
        let dtype: NumPyDtype
        let shape: [UInt64]

        init?(_ header: [UInt8], _ limits: NumPyLimits) {
            guard case .dictionary(let entries)? = PythonLiteralParser.parse(header, limits: limits) else { return nil }
            var values: [String: PythonLiteral] = [:]
            for entry in entries {
                guard values.updateValue(entry.value, forKey: String(decoding: entry.key, as: UTF8.self)) == nil else {
                    return nil
                }
            }
            guard values.count == 3, let descr = values["descr"], let dtype = NumPyDtype(descr),
                case .boolean? = values["fortran_order"], case .tuple? = values["shape"],
                let shape = values["shape"].flatMap(NumPyDtype.shape), shape.count <= limits.dimensionsMax
            else { return nil }
            self.dtype = dtype
            self.shape = shape
        }
    }
}

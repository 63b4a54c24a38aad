/// The bytes of an HDF5 file by address, each read paid for.
final class HDF5Medium {
    let source: any ByteSource
    let base: UInt64
    let offsetBytes: Int
    let lengthBytes: Int
    let limits: HDF5Limits
    private var bytesLeft: UInt64

    /// What one read costs beyond its bytes: there may be very many small ones.
    private static let readCost: UInt64 = 64

    init(_ source: any ByteSource, _ superblock: HDF5Superblock, _ limits: HDF5Limits) {
        self.source = source
        self.limits = limits
        base = superblock.base
        offsetBytes = superblock.offsetBytes
        lengthBytes = superblock.lengthBytes
        bytesLeft = limits.metadataBytesMax
    }

    /// Where something stands in the file.
    ///
    /// - Throws: `.invalid(.hdf5Outside)` unless all of it lies inside.
    func offset(_ address: UInt64, count: UInt64) throws(FormatFault) -> UInt64 {
        let (start, overflow) = base.addingReportingOverflow(address)
        guard !overflow, start <= source.sizeBytes, count <= source.sizeBytes - start else {
            throw .invalid(.hdf5Outside, offset: overflow ? base : min(start, source.sizeBytes))
        }
        return start
    }

    func block(_ address: UInt64, count: UInt64) throws(FormatFault) -> HDF5Fields {
        let start = try offset(address, count: count)
        guard count <= limits.blockBytesMax else { throw .limitExceeded(.hdf5BlockBytes, offset: start) }
        let (cost, _) = count.addingReportingOverflow(Self.readCost)
        guard cost <= bytesLeft else { throw .limitExceeded(.hdf5MetadataBytes, offset: start) }
        bytesLeft -= cost
        return HDF5Fields(try source.bytes(at: start, count: Int(count)), at: start)
    }

    func address(_ fields: inout HDF5Fields) throws(FormatFault) -> UInt64? {
        HDF5Superblock.defined(try fields.number(offsetBytes), offsetBytes)
    }

    func requiredAddress(_ fields: inout HDF5Fields) throws(FormatFault) -> UInt64 {
        guard let address = try address(&fields) else { throw fields.malformed() }
        return address
    }

    func length(_ fields: inout HDF5Fields) throws(FormatFault) -> UInt64 { try fields.number(lengthBytes) }
}

/// One name of a group, and what it leads to.
struct HDF5Link {
    enum Target {
        case object(UInt64)
        case soft
        case external(file: String, path: String)
        case userDefined(UInt8)
    }

    let name: String
    let target: Target
    /// Where the link stands in the file.
    let offset: UInt64
}

/// Where an HDF5 file begins and how it counts (HDF5 file format 3.0, II.A).
struct HDF5Superblock {
    static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
    private static let sizeBytesMax = 160

    let version: UInt8
    /// Where the superblock begins: addresses count from there.
    let base: UInt64
    /// Bytes of an address.
    let offsetBytes: Int
    /// Bytes of a size.
    let lengthBytes: Int
    /// Where the file ends, by its own account.
    let endOffset: UInt64
    /// The header of the root group.
    let root: UInt64
    /// A block that says how the file is spread over several, or how it was written.
    let driverOrExtension: UInt64?
    let hasChecksum: Bool

    /// The places at which a superblock is looked for: 0, 512, and its doubles.
    static func places(_ sizeBytes: UInt64) -> [UInt64] {
        var places: [UInt64] = [0]
        var place: UInt64 = 512
        while place < sizeBytes, places.count < 50 {
            places.append(place)
            place *= 2
        }
        return places
    }

    static func find(_ source: any ByteSource) throws(FormatFault) -> UInt64? {
        for place in places(source.sizeBytes) where try isSuperblock(source, at: place) { return place }
        return nil
    }

    static func isSuperblock(_ source: any ByteSource, at place: UInt64) throws(FormatFault) -> Bool {
        guard source.sizeBytes >= place, source.sizeBytes - place >= UInt64(signature.count) else { return false }
        return try source.bytes(at: place, count: signature.count) == signature
    }

    init(_ source: any ByteSource, at base: UInt64) throws(FormatFault) {
        let count = Int(min(UInt64(Self.sizeBytesMax), source.sizeBytes - base))
        let bytes = try source.bytes(at: base, count: count)
        var fields = HDF5Fields(bytes, at: base)
        self.base = base
        do throws(FormatFault) {
            try fields.skip(Self.signature.count)
            version = try fields.uint8()
            guard version <= 3 else { throw .invalid(.hdf5Superblock, offset: base + 8) }
            let isNew = version >= 2
            if !isNew { try fields.skip(4) }
            offsetBytes = Int(try fields.uint8())
            lengthBytes = Int(try fields.uint8())
            guard [2, 4, 8].contains(offsetBytes), [2, 4, 8].contains(lengthBytes) else { throw fields.malformed() }
            // Reserved, the two ranks of trees, flags; and for version 1 another rank.
            try fields.skip(isNew ? 1 : version == 1 ? 13 : 9)
            try fields.skip(offsetBytes)
            let first = try fields.number(offsetBytes)
            let end = try fields.number(offsetBytes)
            let third = try fields.number(offsetBytes)
            endOffset = end
            driverOrExtension = Self.defined(isNew ? first : third, offsetBytes)
            if isNew {
                root = third
                hasChecksum = HDF5Fields(Array(bytes[..<min(bytes.count, 16 + 4 * offsetBytes)]), at: base).hasChecksum
            } else {
                try fields.skip(offsetBytes)
                root = try fields.number(offsetBytes)
                hasChecksum = true
            }
        } catch .invalid(.hdf5BlockEnd, let offset) {
            throw .truncated(offset: offset)
        } catch {
            throw error
        }
    }

    /// An address; `nil` for the one that says that there is none.
    static func defined(_ address: UInt64, _ offsetBytes: Int) -> UInt64? {
        let undefined = offsetBytes >= 8 ? UInt64.max : (UInt64(1) << UInt64(8 * offsetBytes)) - 1
        return address == undefined ? nil : address
    }
}

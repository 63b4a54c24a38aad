/// Follows all pickle streams of a file.
public enum PickleReader {
    /// The first stream of a file that PyTorch wrote before 1.6 (`torch/serialization.py`, `MAGIC_NUMBER`).
    private static let torchMagic: [UInt8] = [
        0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
    ]
    /// Magic number, version, system, objects, names of the storages.
    private static let torchStreams = 5

    /// - Parameter range: a part of the source that is a file of its own.
    /// - Throws: `.limitExceeded`, `.unreadable`. Whatever is wrong with a stream is an issue of the file.
    public static func read(
        _ source: any ByteSource, in range: Range<UInt64>? = nil, limits: PickleLimits = .standard
    ) throws(FormatFault) -> PickleFile {
        var file = PickleFile()
        var globals = PickleGlobals(countMax: limits.globalsMax)
        var reader = ByteReader(source, from: range?.lowerBound ?? 0, end: range?.upperBound)
        if reader.remaining >= UInt64(torchMagic.count) {
            file.isLegacyTorch = try source.bytes(at: reader.offset, count: torchMagic.count) == torchMagic
        }
        while reader.remaining > 0 {
            guard file.streamCount < limits.streamsMax else {
                throw .limitExceeded(.pickleStreams, offset: reader.offset)
            }
            guard try beginsStream(source, at: reader, file) else {
                file.add(.trailingBytes, at: reader.offset, "\(reader.remaining) bytes")
                break
            }
            var machine = PickleMachine(source, reader, limits)
            file.streamCount += 1
            let outcome = try machine.run(&globals, &file)
            // Where the bytes ran out there is no opcode at its place.
            file.end = outcome == .stopped ? machine.reader.offset : min(machine.place + 1, source.sizeBytes)
            guard outcome == .stopped else { break }
            reader = machine.reader
            if file.isLegacyTorch, file.streamCount == torchStreams { break }
        }
        file.globals = globals.all
        return file
    }

    /// Where bytes from `start` on look like the beginning of a stream of protocol 2 or later, in their order: the mark
    /// and an opcode.
    ///
    /// - Parameter countMax: places that are told, at most. Behind the first few megabytes none is looked for.
    public static func possibleStarts(
        in source: any ByteSource, from start: UInt64, countMax: Int
    ) throws(FormatFault) -> [UInt64] {
        let searchedBytesMax: UInt64 = 4 << 20
        let count = Int(min(source.sizeBytes - min(start, source.sizeBytes), searchedBytesMax))
        let bytes = try source.bytes(at: start, count: count)
        var places: [UInt64] = []
        for index in bytes.indices.dropLast(2) where bytes[index] == PickleOpcode.proto.rawValue {
            guard (2...PickleOpcode.protocolMax).contains(bytes[index + 1]),
                PickleOpcode(rawValue: bytes[index + 2]) != nil
            else { continue }
            places.append(start + UInt64(index))
            if places.count == countMax { break }
        }
        return places
    }

    /// Whether what follows the streams read so far is another one.
    private static func beginsStream(
        _ source: any ByteSource, at reader: ByteReader, _ file: PickleFile
    ) throws(FormatFault) -> Bool {
        if file.streamCount == 0 { return true }
        let head = try source.bytes(at: reader.offset, count: Int(min(2, reader.remaining)))
        if PickleProbe.hasProtocolMark(head) { return true }
        return try PickleProbe.recognises(ByteReader(source, from: reader.offset, end: reader.end))
    }
}

import StrictJSON

/// Reads the header of a safetensors file and no tensor data.
///
/// The first eight bytes claim a header length. Nobody has vouched for that number yet, so it is compared with the
/// format's limit and with the file's size before anything is read. The header is scanned event by event: memory grows
/// with the number of tensors, up to its limit, and not with the header.
public enum SafetensorsReader {
    static let lengthBytes: UInt64 = 8

    /// - Throws: only where the structure cannot be known.
    public static func read(
        _ source: any ByteSource, limits: SafetensorsLimits = .standard
    ) throws(FormatFault) -> SafetensorsFile {
        var reader = ByteReader(source)
        let length = try reader.uint64()
        guard length <= SafetensorsLimits.headerBytesCeiling else {
            throw .invalid(.safetensorsHeaderLength, offset: 0)
        }
        guard length <= reader.remaining else { throw .truncated(offset: source.sizeBytes) }
        guard length > 0, try reader.peek() == UInt8(ascii: "{") else {
            throw .invalid(.safetensorsHeaderStart, offset: lengthBytes)
        }

        let input = JSONChunks(ByteReader(source, from: lengthBytes, end: lengthBytes + length))
        var header = SafetensorsHeaderReader(limits: limits)
        do throws(JSONPull.Fault) {
            var pull = JSONPull(input.scanner(Self.jsonLimits(limits)))
            try header.read(&pull)
        } catch {
            throw header.limitReached.map { .limitExceeded($0, offset: lengthBytes) }
                ?? input.formatFault(error, otherwise: header.defect)
        }
        if input.endsInOddWhitespace { header.add(.paddingNotSpaces, nil) }
        let dataStart = lengthBytes + length
        let table = header.layOut(dataStart: dataStart, fileSizeBytes: source.sizeBytes)
        return SafetensorsFile(
            headerBytes: length, metadata: header.metadata, tensors: header.entries, table: table,
            issues: header.issues, issuesDropped: header.issuesDropped)
    }

    private static func jsonLimits(_ limits: SafetensorsLimits) -> JSONLimits {
        JSONLimits(
            bytesMax: Int(SafetensorsLimits.headerBytesCeiling), depthMax: 16, nodesMax: 10_000_000,
            stringBytesMax: limits.metadataBytesMax, openNamesMax: limits.tensorCountMax + limits.metadataCountMax + 64)
    }
}

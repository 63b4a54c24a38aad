/// What each byte of a tensor file belongs to.
public struct ByteMap: Sendable, Hashable {
    public struct Region: Sendable, Hashable {
        public enum Kind: String, Sendable, Hashable, CaseIterable {
            /// Fixed fields at the beginning: magic, version and counts, or the length of the header.
            case header
            case metadata
            /// Names, shapes, types and offsets of the tensors.
            case tensorList = "tensor-list"
            case tensor
            /// Bytes between tensors that align the next one.
            case padding
            /// Bytes between tensors that belong to none and are more than padding.
            case gap
            /// Bytes that belong to two tensors.
            case overlap
            /// Bytes behind the last tensor that are more than padding.
            case trailing
        }

        public let kind: Kind
        /// Absolute. Of a tensor it may reach beyond the end of a file that ends early.
        public let range: Range<UInt64>
        public let name: String?
        public let typeName: String?
        public let shape: [UInt64]

        /// What a header claims may be more than an `Int` holds.
        public var sizeBytes: UInt64 { range.upperBound - range.lowerBound }

        public init(
            _ kind: Kind, _ range: Range<UInt64>, name: String? = nil, typeName: String? = nil, shape: [UInt64] = []
        ) {
            self.kind = kind
            self.range = range
            self.name = name
            self.typeName = typeName
            self.shape = shape
        }
    }

    /// By where they begin.
    public let regions: [Region]

    public init(_ file: GGUFFile, sizeBytes: UInt64) {
        let dataStart = min(file.headerEnd.roundedUp(to: file.alignment) ?? sizeBytes, sizeBytes)
        let head = [
            Region(.header, 0..<min(24, file.headerEnd)),
            Region(.metadata, min(24, file.metadataEnd)..<file.metadataEnd),
            Region(.tensorList, file.metadataEnd..<max(file.metadataEnd, file.headerEnd)),
        ]
        regions = Self.regions(
            head, file.tensors, from: file.headerEnd, dataStart: dataStart, alignment: file.alignment, sizeBytes)
    }

    public init(_ file: SafetensorsFile, sizeBytes: UInt64) {
        let (end, overflow) = file.headerBytes.addingReportingOverflow(8)
        let dataStart = overflow ? sizeBytes : min(end, sizeBytes)
        let head = [Region(.header, 0..<min(8, sizeBytes)), Region(.tensorList, min(8, dataStart)..<dataStart)]
        regions = Self.regions(head, file.tensors, from: dataStart, dataStart: dataStart, alignment: 1, sizeBytes)
    }

    private static func regions(
        _ head: [Region], _ entries: [TensorEntry], from start: UInt64, dataStart: UInt64, alignment: UInt64,
        _ sizeBytes: UInt64
    ) -> [Region] {
        var regions = head.filter { !$0.range.isEmpty }
        var cursor = start
        for (entry, range) in placed(entries, dataStart) {
            if range.lowerBound > cursor {
                // Bytes behind the end of the file are not there.
                let between = min(cursor, sizeBytes)..<min(range.lowerBound, sizeBytes)
                let isPadding =
                    range.lowerBound - cursor < max(alignment, 1) || cursor == start && range.lowerBound == dataStart
                if !between.isEmpty { regions.append(Region(isPadding ? .padding : .gap, between)) }
            } else if range.lowerBound < cursor, !range.isEmpty {
                regions.append(Region(.overlap, range.lowerBound..<min(cursor, range.upperBound), name: entry.name))
            }
            regions.append(
                Region(.tensor, range, name: entry.name, typeName: entry.typeName, shape: entry.shape))
            cursor = max(cursor, range.upperBound)
        }
        if cursor < sizeBytes {
            regions.append(Region(sizeBytes - cursor < alignment ? .padding : .trailing, cursor..<sizeBytes))
        }
        return regions
    }

    /// Tensors by where they begin, those left out whose range 64 bits cannot say.
    private static func placed(
        _ entries: [TensorEntry], _ dataStart: UInt64
    ) -> [(entry: TensorEntry, range: Range<UInt64>)] {
        let placed = entries.compactMap { entry -> (entry: TensorEntry, range: Range<UInt64>)? in
            let (start, overflow) = dataStart.addingReportingOverflow(entry.offset)
            let (end, excess) = start.addingReportingOverflow(entry.sizeBytes)
            return overflow || excess ? nil : (entry, start..<end)
        }
        return placed.sorted { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
    }
}

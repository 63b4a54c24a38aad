import ModelFormats

/// A way from a file through the archives in it.
struct MemberPath {
    enum Part {
        case found(any ByteSource)
        /// There is no such member; these are there.
        case absent([String])
    }

    private let names: [String]
    private static let namesShownMax = 200

    init(_ text: String) {
        var names: [String] = []
        var rest = text[...]
        while let range = rest.firstRange(of: FindingScope.separator) {
            names.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        if !rest.isEmpty { names.append(String(rest)) }
        self.names = names
    }

    /// Compressed files on the way are decoded, for they have no names.
    func open(
        in source: any ByteSource, _ limits: InspectionLimits, _ budget: ArchiveBudget
    ) throws(FormatFault) -> Part {
        var source = source
        var left = names[...]
        for _ in 0...limits.archive.depthMax * 2 {
            let format = try FormatDetector.detect(source).format
            if let compression = Self.compression(format) {
                source = try Decompression.open(source, compression, expecting: nil, budget: budget).source
                continue
            }
            guard let name = left.first else { return .found(source) }
            left = left.dropFirst()
            switch format {
            case .zip:
                switch try Self.member(name, ofZip: source, limits, budget) {
                case .found(let member): source = member
                case .absent(let names): return .absent(names)
                }
            case .tar:
                switch try Self.member(name, ofTar: source, budget) {
                case .found(let member): source = member
                case .absent(let names): return .absent(names)
                }
            default: return .absent([])
            }
        }
        throw .limitExceeded(.archiveDepth, offset: 0)
    }

    static func compression(_ format: FileFormat) -> Compression? {
        switch format {
        case .gzip: .gzip
        case .zlib: .zlib
        case .bzip2: .bzip2
        case .xz: .xz
        case .zstandard: .zstandard
        default: nil
        }
    }

    private static func member(
        _ name: String, ofZip source: any ByteSource, _ limits: InspectionLimits, _ budget: ArchiveBudget
    ) throws(FormatFault) -> Part {
        let file = try ZipReader.read(source, limits: limits.zip)
        guard let member = file.members.last(where: { $0.nameBytes.elementsEqual(name.utf8) }) else {
            return .absent(file.members.prefix(namesShownMax).map(\.name))
        }
        return .found(try content(of: member, in: source, budget))
    }

    static func content(
        of member: ZipMember, in source: any ByteSource, _ budget: ArchiveBudget
    ) throws(FormatFault) -> any ByteSource {
        try budget.takeMember()
        guard let offset = member.dataOffset else { throw .invalid(.zipDirectory, offset: member.headerOffset) }
        let stored = try ByteRange.of(source, from: offset, count: member.storedBytes)
        if member.method == 0 { return stored }
        guard let compression = member.compression else { throw .invalid(.compressedData, offset: offset) }
        return try Decompression.open(stored, compression, expecting: member.sizeBytes, budget: budget).source
    }

    private static func member(
        _ name: String, ofTar source: any ByteSource, _ budget: ArchiveBudget
    ) throws(FormatFault) -> Part {
        var reader = TarReader(source)
        var names: [String] = []
        while let member = try reader.next() {
            try budget.takeMember()
            if member.nameBytes.elementsEqual(name.utf8), case .file = member.kind {
                return .found(try ByteRange.of(source, from: member.dataOffset, count: member.sizeBytes))
            }
            if names.count < namesShownMax { names.append(member.name) }
        }
        return .absent(names)
    }
}

import Inspection
import ModelFormats

/// An archive in which nothing is wrong holds every byte once: members, and between them nothing.
func fuzzZip(_ bytes: [UInt8]) {
    inspect(bytes, "a.zip")
    guard let file = try? ZipReader.read(MemoryByteSource(bytes)), file.issues.isEmpty else { return }
    var cursor: UInt64 = 0
    for member in file.members {
        guard let data = member.dataOffset else { preconditionFailure("a member without data and without an issue") }
        precondition(member.headerOffset >= cursor && data > member.headerOffset)
        cursor = data + member.storedBytes
        precondition(cursor <= UInt64(bytes.count))
    }
}

/// Members come in order and lie inside the file.
func fuzzTar(_ bytes: [UInt8]) {
    inspect(bytes, "a.tar")
    var reader = TarReader(MemoryByteSource(bytes))
    var cursor: UInt64 = 0
    while let member = try? reader.next() {
        precondition(member.headerOffset >= cursor && member.dataOffset > member.headerOffset)
        cursor = member.dataOffset
        guard case .file = member.kind else { continue }
        cursor += member.sizeBytes
        precondition(cursor <= UInt64(bytes.count))
    }
}

/// gzip, zstd and what else is told by its first bytes, decoded within a small budget.
func fuzzCompressed(_ bytes: [UInt8]) {
    var limits = InspectionLimits.standard
    limits.archive.outputBytesMax = 4 << 20
    let report = Inspector.inspect(source: MemoryByteSource(bytes), name: "a.gz", limits: limits)
    check(report, bytes)
}

func fuzzNumPy(_ bytes: [UInt8]) {
    inspect(bytes, "a.npy")
    guard let array = try? NumPyReader.read(MemoryByteSource(bytes)) else { return }
    precondition(array.dataOffset <= UInt64(bytes.count))
    precondition(!array.dtype.holdsObjects || array.dataBytes == nil)
}

private func inspect(_ bytes: [UInt8], _ name: String) {
    var limits = InspectionLimits.standard
    limits.archive.outputBytesMax = 16 << 20
    check(Inspector.inspect(source: MemoryByteSource(bytes), name: name, limits: limits), bytes)
}

private func check(_ report: InspectionReport, _ bytes: [UInt8]) {
    precondition((try? InspectionReport(decoding: report.encoded(), fileSizeBytes: UInt64(bytes.count))) == report)
}

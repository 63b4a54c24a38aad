import Inspection
import ModelFormats
import OCI

func fuzzGGUF(_ bytes: [UInt8]) {
    guard let file = try? GGUFReader.read(MemoryByteSource(bytes)) else { return }
    check(file.table, bytes)
    let isOverlapping = file.table?.overlap != nil
    precondition(!isOverlapping || file.issues.contains { $0.kind == .tensorOverlap })
    precondition(file.headerEnd <= UInt64(bytes.count))
    precondition(file.table != nil || !file.issues.isEmpty)
}

func fuzzSafetensors(_ bytes: [UInt8]) {
    guard let file = try? SafetensorsReader.read(MemoryByteSource(bytes)) else { return }
    check(file.table, bytes)
    guard file.issues.isEmpty, let table = file.table else { return }
    precondition(table.overlap == nil)
    let covered = table.ranges.reduce(UInt64(0)) { $0 + UInt64($1.count) }
    precondition(table.dataStart + covered == UInt64(bytes.count))
}

func fuzzPickle(_ bytes: [UInt8]) {
    guard let file = try? PickleReader.read(MemoryByteSource(bytes)) else { return }
    precondition(file.opcodeCount <= UInt64(bytes.count))
    precondition(file.globals.allSatisfy { $0.offset < UInt64(bytes.count) })
    precondition(Set(file.globals.map(\.qualifiedName)).count <= file.globals.count)
    precondition(file.end <= UInt64(bytes.count) && file.arrays.allSatisfy { $0.upperBound <= file.end })
    var listing = PickleListing(MemoryByteSource(bytes), file)
    var offset: UInt64?
    while let line = try? listing.next() {
        precondition(offset.map { line.offset > $0 } ?? true)
        offset = line.offset
    }
    let report = Inspector.inspect(source: MemoryByteSource(bytes), name: "model.pkl")
    precondition(
        report.format != .pickle || report.verdict != .clean || file.issues.allSatisfy { $0.kind == .persistentID })
}

private func check(_ table: TensorTable?, _ bytes: [UInt8]) {
    guard let table else { return }
    for range in table.ranges {
        precondition(range.lowerBound >= table.dataStart && range.upperBound <= UInt64(bytes.count))
    }
    if var digester = TensorDigester(table) {
        bytes.withUnsafeBytes { digester.update($0) }
        let digests = digester.finalize()
        precondition(digests?.tensors.count == table.entries.count)
    }
}

func fuzzManifest(_ bytes: [UInt8]) {
    guard let manifest = try? TensorManifest.parse(bytes) else { return }
    let written = manifest.encoded()
    precondition((try? TensorManifest.parse(written)) == manifest)
    _ = TensorManifest.verdictText(manifest.compare(with: manifest))
}

/// Templates as a file of that name: the analysis must end, whatever is in it.
func fuzzTemplate(_ bytes: [UInt8]) {
    let report = Inspector.inspect(source: MemoryByteSource(bytes), name: "chat_template.jinja")
    precondition(report.findings.count <= InspectionReport.findingsMax)
}

func fuzzInspection(_ bytes: [UInt8]) {
    let names = ["model.gguf", "model.safetensors", "config.json", "chat_template.jinja", "file"]
    let report = Inspector.inspect(source: MemoryByteSource(bytes), name: names[bytes.count % names.count])
    for view in FileView.allCases {
        var lines: [UInt8] = []
        Inspector.view(view, of: MemoryByteSource(bytes), member: "") { lines += $0 }
        precondition(lines.last == 0x0A)
        precondition(lines.split(separator: 0x0A).allSatisfy { $0.count <= FileView.lineBytesMax })
    }
    let read = try? InspectionReport(decoding: report.encoded(), fileSizeBytes: UInt64(bytes.count))
    precondition(read == report)
}

func fuzzReport(_ bytes: [UInt8]) {
    // The size of the file that the committed report is about.
    let size: UInt64 = 352
    guard let report = try? InspectionReport(decoding: bytes, fileSizeBytes: size) else { return }
    precondition(report.verdict >= Verdict.worst(of: report.findings.map(\.verdict)))
    precondition(report.verdict == .block || report.tensors?.overlap == nil)
    precondition(report.tensors?.ranges.allSatisfy { $0.upperBound <= size } ?? true)
    precondition((try? InspectionReport(decoding: report.encoded(), fileSizeBytes: size)) != nil)
}

/// Manifests and indexes of images: nothing is both, and what is written anew is the same.
func fuzzImage(_ bytes: [UInt8]) {
    let manifest = try? Manifest(parsing: bytes)
    let index = try? ImageIndex(parsing: bytes)
    precondition(manifest == nil || index == nil)
    if let manifest { precondition((try? Manifest(parsing: manifest.encoded())) == manifest) }
    if let index { precondition((try? ImageIndex(parsing: index.encoded())) == index) }
}

/// A byte that chooses the type, then blocks: all of them in one piece, and one by one.
func fuzzWeights(_ bytes: [UInt8]) {
    let names = GGMLType.allCases.map(\.name) + SafetensorsDtype.allCases.map(\.rawValue)
    guard let first = bytes.first, let type = WeightType(name: names[Int(first) % names.count]) else { return }
    let blocks = Array(bytes.dropFirst())
    let whole = WeightMeter(type)
    blocks.withUnsafeBytes { whole.update($0) }
    let single = WeightMeter(type)
    for start in stride(from: 0, through: blocks.count - type.block.bytes, by: type.block.bytes) {
        Array(blocks[start..<start + type.block.bytes]).withUnsafeBytes { single.update($0) }
    }
    let (left, right) = (whole.finish(), single.finish())
    precondition(left.census == right.census)
    precondition(left.moments.count == right.moments.count && left.moments.zeros == right.moments.zeros)
    precondition(left.moments.total == UInt64(blocks.count / type.block.bytes * type.block.elements))
    precondition(type.numbers(blocks).count == blocks.count / type.block.bytes * type.block.elements)
    precondition(left.moments.variance >= 0 || left.moments.variance.isNaN)
    if let scales = left.scales(of: type) { precondition((0...6.0001).contains(scales.entropy)) }
}

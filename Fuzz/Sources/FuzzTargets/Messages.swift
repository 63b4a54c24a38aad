import Inspection
import ModelFormats

/// What an issue is about lies inside the file, and a model that is clean has a graph and no issue.
func fuzzONNX(_ bytes: [UInt8]) {
    checkMessages(bytes, "model.onnx")
    guard let file = try? ONNXReader.read(MemoryByteSource(bytes)) else { return }
    precondition(file.issues.allSatisfy { $0.offset < UInt64(bytes.count) })
    precondition(file.operators.allSatisfy { $0.offset < UInt64(bytes.count) })
    precondition(Set(file.externalFiles.map(\.location)).count <= file.externalFiles.count)
}

func fuzzTensorFlow(_ bytes: [UInt8]) {
    checkMessages(bytes, "saved_model.pb")
    guard let file = try? TensorFlowReader.read(MemoryByteSource(bytes)) else { return }
    precondition(file.issues.allSatisfy { $0.offset < UInt64(bytes.count) })
    // An operator that writes is allowed where a saver keeps it, and nowhere else.
    precondition(file.kind != .kerasMetadata || file.checkpointUses.isEmpty)
}

private func checkMessages(_ bytes: [UInt8], _ name: String) {
    let report = Inspector.inspect(source: MemoryByteSource(bytes), name: name)
    precondition((try? InspectionReport(decoding: report.encoded(), fileSizeBytes: UInt64(bytes.count))) == report)
    precondition(report.format != .onnx || report.verdict != .clean || report[.tensorCount] != nil)
}

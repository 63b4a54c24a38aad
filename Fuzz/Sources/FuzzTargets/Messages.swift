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

/// Texts between texts, so that keywords come to stand at every place of a window. What is found is in the text.
func fuzzSecrets(_ bytes: [UInt8]) {
    let lines = [UInt8](repeating: UInt8(ascii: "\n"), count: (256 << 10) - 4_096 - bytes.count / 2 % 4_096)
    // The long one takes a hundred times as long.
    for text in bytes.count % 64 == 0 ? [bytes, lines + bytes + lines] : [bytes] {
        let report = Inspector.inspect(source: MemoryByteSource(text), name: "notes.txt")
        for finding in report.findings where finding.rule.rawValue.hasPrefix("secret.") {
            precondition(finding.place.offset.map { $0 < UInt64(text.count) } ?? false)
        }
    }
}

private func checkMessages(_ bytes: [UInt8], _ name: String) {
    let report = Inspector.inspect(source: MemoryByteSource(bytes), name: name)
    precondition((try? InspectionReport(decoding: report.encoded(), fileSizeBytes: UInt64(bytes.count))) == report)
    precondition(report.format != .onnx || report.verdict != .clean || report[.tensorCount] != nil)
}

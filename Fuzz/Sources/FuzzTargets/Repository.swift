import Inspection
import ModelFormats

/// The names by which libraries find the files of a model's repository.
private let names = [
    "config.json", "tokenizer_config.json", "model_index.json", "modules.json", "adapter_config.json",
    "model.safetensors.index.json", "schema.json", "MLmodel", "conf/model.yaml", "requirements.txt", "config.cfg",
    ".gitattributes", "generation_config.json", "processor_config.json", "notes",
]

/// A byte that chooses the name, then a file. Another name may bring other findings, and none of them is lost.
func fuzzRepository(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    let content = Array(bytes.dropFirst())
    let name = names[Int(first) % names.count]
    let report = Inspector.inspect(source: MemoryByteSource(content), name: name)
    precondition(report.findings.count <= InspectionReport.findingsMax)
    precondition(report.verdict >= Verdict.worst(of: report.findings.map(\.verdict)))
    precondition(report.verdict == .clean || !report.findings.isEmpty)
    precondition(
        report.findings.allSatisfy { ($0.place.offset ?? 0) <= UInt64(content.count) })
    precondition((try? InspectionReport(decoding: report.encoded(), fileSizeBytes: UInt64(content.count))) == report)
}

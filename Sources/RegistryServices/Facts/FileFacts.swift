import Inspection
import ModelFormats
import RegistryCore
import StrictJSON

/// What an inspection read in one file.
struct FileFacts: Sendable {
    var path: String
    var sizeBytes: UInt64
    /// Of an archive with weights in it, theirs.
    var format: String
    var isTensors: Bool
    private var facts: [String: String]

    init(_ file: ExaminedFile) {
        path = file.file.path.description
        sizeBytes = file.file.sizeBytes
        format = file.report.format.rawValue
        isTensors = file.report.formatClass == .tensors
        facts = Dictionary(
            file.report.facts.map { ($0.key.rawValue, $0.value) }, uniquingKeysWith: { first, _ in first })
        lookInside()
    }

    /// A file as `InspectionEvidence` writes it.
    init?(_ json: JSONObject) {
        guard let path = json["path"]?.asString, let size = json["size"]?.asNumber?.uint64,
            let format = json["format"]?.asString
        else { return nil }
        self.path = path
        sizeBytes = size
        self.format = format
        isTensors = json["class"]?.asString == FileFormat.Class.tensors.rawValue
        facts = Dictionary(
            (json["facts"]?.asObject?.members ?? []).compactMap { member in
                member.value.asString.map { (member.name, $0) }
            }, uniquingKeysWith: { first, _ in first })
        lookInside()
    }

    private mutating func lookInside() {
        guard let inner = self[.weightsFormat] else { return }
        (format, isTensors) = (inner, true)
    }

    subscript(key: Fact.Key) -> String? { facts[key.rawValue] }

    /// How many folders it lies in.
    var depth: Int { path.utf8.count { $0 == UInt8(ascii: "/") } }

    /// Whether it is one of the files over which the weights are spread: of safetensors each, of GGUF what says so.
    func isPart(of main: FileFacts) -> Bool {
        if path == main.path { return true }
        guard isTensors, format == main.format else { return false }
        return format == FileFormat.safetensors.rawValue || main[.part] != nil && self[.part] != nil
    }
}

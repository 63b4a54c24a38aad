import Inspection
import OCI
import RegistryCore
import RegistryPorts
import StrictJSON
import Synchronization

/// What people are told about a version beside its manifest: the findings of the inspection that its last decision
/// stands on.
///
/// Nothing depends on it: where the evidence cannot be read nothing is said.
final class FindingWarnings: Sendable {
    /// Most findings that are named.
    static let namedMax = 4
    private static let textBytesMax = 240
    private static let rememberedMax = 1_024

    private let documents: InspectionDocuments
    /// By the digest of the evidence, which never changes.
    private let sentences = Mutex<[Digest: [String]]>([:])

    init(store: any MetadataReader) {
        documents = InspectionDocuments(store: store)
    }

    /// - Returns: a sentence for each finding, and one about those that are not named; of printable ASCII.
    func sentences(about record: ArtifactRecord) async -> [String] {
        guard let inspection = record.inspection, inspection.verdict != Verdict.clean.rawValue else { return [] }
        if let known = sentences.withLock({ $0[inspection.evidence] }) { return known }
        guard let found = await read(inspection.evidence) else { return [] }
        sentences.withLock { sentences in
            if sentences.count >= Self.rememberedMax { sentences.removeAll(keepingCapacity: true) }
            sentences[inspection.evidence] = found
        }
        return found
    }

    private func read(_ evidence: Digest) async -> [String]? {
        guard let files = await documents.files(of: evidence) else { return nil }
        let findings = files.flatMap { $0["findings"]?.asArray ?? [] }
        var sentences = findings.prefix(Self.namedMax).compactMap { $0.asObject.map(Self.sentence) }
        if findings.count > Self.namedMax { sentences.append("and \(findings.count - Self.namedMax) more findings") }
        return sentences
    }

    private static func sentence(_ finding: JSONObject) -> String {
        func text(_ member: String) -> String { finding[member]?.asString ?? "" }
        return printable("\(text("rule")) in \(text("file")): \(text("means"))")
    }

    /// Names of files are whatever somebody called them.
    private static func printable(_ text: String) -> String {
        var bytes = text.utf8.prefix(textBytesMax).map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: "?") }
        if text.utf8.count > textBytesMax { bytes += Array("...".utf8) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

import OCI
import RegistryPorts
import StrictJSON

/// Reads what inspections came to, as `InspectionEvidence` wrote it.
struct InspectionDocuments: Sendable {
    enum Reading: Sendable {
        /// It could not be had now.
        case absent
        /// Altered, or too large to be looked at; asking again tells nothing new.
        case unreadable
        /// What it says of each file.
        case files([JSONObject])
    }

    private let store: any MetadataReader
    private let limits: JSONLimits

    /// - Parameter bytesMax: documents that are larger are not looked at.
    init(store: any MetadataReader, bytesMax: Int = 16 << 20) {
        self.store = store
        limits = JSONLimits(bytesMax: bytesMax, nodesMax: bytesMax / 16, stringBytesMax: 1 << 20)
    }

    func read(_ evidence: Digest) async -> Reading {
        guard let bytes = try? await store.evidenceDocument(evidence) else { return .absent }
        guard bytes.count <= limits.bytesMax, (try? Digest(hashing: bytes)) == evidence,
            let document = try? StrictJSON.parse(bytes, limits: limits).asObject
        else { return .unreadable }
        return .files((document["files"]?.asArray ?? []).compactMap(\.asObject))
    }

    /// - Returns: what it says of each file; `nil` when it is not there, altered, or too large to be shown.
    func files(of evidence: Digest) async -> [JSONObject]? {
        guard case .files(let files) = await read(evidence) else { return nil }
        return files
    }
}

import OCI
import RegistryPorts
import StrictJSON

/// Reads what inspections came to, as `InspectionEvidence` wrote it.
struct InspectionDocuments: Sendable {
    private static let limits = JSONLimits(bytesMax: 16 << 20, nodesMax: 1 << 20, stringBytesMax: 1 << 20)

    let store: any MetadataReader

    /// - Returns: what it says of each file; `nil` when it is not there, altered, or too large to be shown.
    func files(of evidence: Digest) async -> [JSONObject]? {
        guard let bytes = try? await store.evidenceDocument(evidence), (try? Digest(hashing: bytes)) == evidence,
            let document = try? StrictJSON.parse(bytes, limits: Self.limits).asObject
        else { return nil }
        return (document["files"]?.asArray ?? []).compactMap(\.asObject)
    }
}

import OCI
public import RegistryCore
public import RegistryPorts
import StrictJSON
import Synchronization

/// Finds out what is known of a version besides its state: what its manifest declares, and what inspections read in its
/// files.
///
/// Nothing depends on it: what cannot be read is not said.
public final class FactReading: Sendable {
    /// Most files of a version that was not inspected as a whole whose own inspections are looked at.
    private static let filesMax = 64
    private static let rememberedMax = 4_096

    private let manifests: ArtifactManifests
    private let examination: Examination
    private let documents: InspectionDocuments
    /// By the digest of the evidence, which never changes.
    private let known = Mutex<[Digest: [FileFacts]]>([:])

    public init(store: any MetadataReader, manifests: ArtifactManifests, examination: Examination) {
        self.manifests = manifests
        self.examination = examination
        documents = InspectionDocuments(store: store)
    }

    /// - Returns: `nil` when the manifest cannot be read.
    public func facts(of record: ArtifactRecord) async -> ModelFacts? {
        guard let contents = try? await manifests.contents(of: record.key),
            let manifest = try? ManifestDocument(parsing: contents.manifest)
        else { return nil }
        let files = await files(of: record, contents.files)
        return ModelFacts(files, kind: manifest.kind, license: manifest.license)
    }

    private func files(of record: ArtifactRecord, _ files: [ArtifactFile]) async -> [FileFacts] {
        guard let evidence = record.inspection?.evidence else {
            // The largest files say most.
            let largest = files.sorted { $0.sizeBytes > $1.sizeBytes }.prefix(Self.filesMax)
            return await examination.known(Array(largest)).map { FileFacts($0) }
        }
        if let known = known.withLock({ $0[evidence] }) { return known }
        guard let found = await documents.files(of: evidence)?.compactMap({ FileFacts($0) }) else { return [] }
        let kept = found.filter(\.saysSomething)
        known.withLock { known in
            if known.count >= Self.rememberedMax { known.removeAll(keepingCapacity: true) }
            known[evidence] = kept
        }
        return kept
    }
}

extension ManifestDocument {
    fileprivate var kind: ModelMediaType.Kind {
        switch self {
        case .index: .index
        case .artifact(let manifest): ModelMediaType.kind(of: manifest)
        }
    }

    /// An SPDX expression, or whatever its author wrote.
    fileprivate var license: String? {
        switch self {
        case .index(let index): index.annotations[ImageAnnotation.licenses]
        case .artifact(let manifest): manifest.annotations[ImageAnnotation.licenses]
        }
    }
}

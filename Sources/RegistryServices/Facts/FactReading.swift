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
    /// Of evidence that is read; each of a page may have to be.
    public static let evidenceBytesMax = 1 << 20

    private let manifests: ArtifactManifests
    private let examination: Examination
    private let documents: InspectionDocuments
    /// By the digest of the evidence, which never changes.
    private let known = Mutex<[Digest: WeightFacts]>([:])

    /// - Parameter evidenceBytesMax: larger evidence shows no facts.
    public init(
        store: any MetadataReader, manifests: ArtifactManifests, examination: Examination,
        evidenceBytesMax: Int = FactReading.evidenceBytesMax
    ) {
        self.manifests = manifests
        self.examination = examination
        documents = InspectionDocuments(store: store, bytesMax: evidenceBytesMax)
    }

    /// - Returns: `nil` when the manifest cannot be read.
    public func facts(of record: ArtifactRecord) async -> ModelFacts? {
        guard let contents = try? await manifests.contents(of: record.key),
            let manifest = try? ManifestDocument(parsing: contents.manifest)
        else { return nil }
        let weights = await weights(of: record, contents.files)
        return ModelFacts(weights, kind: manifest.kind, license: manifest.license)
    }

    private func weights(of record: ArtifactRecord, _ files: [ArtifactFile]) async -> WeightFacts {
        guard let evidence = record.inspection?.evidence else {
            // The largest files say most.
            let largest = files.sorted { $0.sizeBytes > $1.sizeBytes }.prefix(Self.filesMax)
            return WeightFacts(await examination.known(Array(largest)).map { FileFacts($0) })
        }
        if let known = known.withLock({ $0[evidence] }) { return known }
        let found: WeightFacts
        switch await documents.read(evidence) {
        case .absent: return WeightFacts([])
        case .unreadable: found = WeightFacts([])
        case .files(let files): found = WeightFacts(files.compactMap { FileFacts($0) })
        }
        known.withLock { known in
            if known.count >= Self.rememberedMax { known.removeAll(keepingCapacity: true) }
            known[evidence] = found
        }
        return found
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

import OCI
public import RegistryCore
public import RegistryPorts
import StrictJSON

/// Finds out what is known of a version besides its state: what its manifest declares, and what inspections read in its
/// files.
///
/// Nothing depends on it: what cannot be read is not said.
public final class FactReading: Sendable {
    /// Most files of a version that was not inspected as a whole whose own inspections are looked at.
    private static let filesMax = 64
    /// Of evidence that is read; each of a page may have to be.
    public static let evidenceBytesMax = 1 << 20

    private let directory: ArtifactDirectory
    private let manifests: ArtifactManifests
    private let examination: Examination
    private let documents: InspectionDocuments

    /// - Parameters:
    ///   - directory: where facts are remembered, beside the record that they are about.
    ///   - evidenceBytesMax: larger evidence shows no facts.
    public init(
        directory: ArtifactDirectory, store: any MetadataReader, manifests: ArtifactManifests,
        examination: Examination, evidenceBytesMax: Int = FactReading.evidenceBytesMax
    ) {
        self.directory = directory
        self.manifests = manifests
        self.examination = examination
        documents = InspectionDocuments(store: store, bytesMax: evidenceBytesMax)
    }

    /// - Returns: `nil` when the manifest cannot be read.
    public func facts(of record: ArtifactRecord) async -> ModelFacts? {
        if let known = directory.facts(of: record) { return known }
        // Evidence may take milliseconds to be read.
        return await withTaskExecutorPreference(globalConcurrentExecutor) { await read(record) }
    }

    private func read(_ record: ArtifactRecord) async -> ModelFacts? {
        guard let contents = try? await manifests.contents(of: record.key),
            let manifest = try? ManifestDocument(parsing: contents.manifest)
        else { return nil }
        let (weights, isLasting) = await weights(of: record, contents.files)
        let facts = ModelFacts(weights, kind: manifest.kind, license: manifest.license)
        if isLasting { directory.remember(facts, of: record) }
        return facts
    }

    /// - Returns: whether the answer stays the same for as long as the record does, too.
    private func weights(
        of record: ArtifactRecord, _ files: [ArtifactFile]
    ) async -> (facts: WeightFacts, isLasting: Bool) {
        guard let evidence = record.inspection?.evidence else {
            // The largest files say most.
            let largest = files.sorted { $0.sizeBytes > $1.sizeBytes }.prefix(Self.filesMax)
            return (WeightFacts(await examination.known(Array(largest)).map { FileFacts($0) }), false)
        }
        return switch await documents.read(evidence) {
        case .absent: (WeightFacts([]), false)
        case .unreadable: (WeightFacts([]), true)
        case .files(let files): (WeightFacts(files.compactMap { FileFacts($0) }), true)
        }
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

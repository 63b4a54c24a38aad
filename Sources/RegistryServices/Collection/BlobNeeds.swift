import OCI
import RegistryCore
public import RegistryPorts

/// Asks the manifests of all versions which blobs are needed, whatever the indexes say.
///
/// Whoever can write to the metadata store could empty the tables that say what is used. Which versions there are is
/// held against what the sealed end of the log said; a version that is not found, or whose manifest is not what its
/// digest says, ends the answer: what cannot be known is no permission.
public struct BlobNeeds: Sendable {
    /// Versions that are asked between two pauses.
    private static let pageSize = 200

    private let store: any MetadataReader
    private let directory: ArtifactDirectory
    private let manifests: ArtifactManifests
    private let newest: NewestEvents

    public init(
        store: any MetadataReader, directory: ArtifactDirectory, manifests: ArtifactManifests, newest: NewestEvents
    ) {
        self.store = store
        self.directory = directory
        self.manifests = manifests
        self.newest = newest
    }

    /// Versions that come while this runs are not all asked: whoever makes one holds its blobs and writes the indexes.
    ///
    /// - Returns: those of the blobs that a version in a state that keeps bytes consists of.
    /// - Throws: `.recordTampered` when that cannot be known.
    func needed(
        among blobs: Set<Digest>, _ pace: CollectionPace?
    ) async throws(RegistryError) -> Set<Digest> {
        try await newest.load()
        let known = newest.versionCount
        var needed: Set<Digest> = []
        var asked = 0
        var after: Int64 = 0
        while true {
            let start = after
            let page = try await throughStore { () async throws(StorageFault) in
                try await store.newestEntries(after: start, limit: Self.pageSize)
            }
            for entry in page {
                if newest.knows(entry.key) { asked += 1 }
                for blob in try await self.blobs(of: entry.key) where blobs.contains(blob) { needed.insert(blob) }
            }
            guard !Task.isCancelled else { throw RegistryError(.overloaded, "The collection was broken off.") }
            guard page.count == Self.pageSize, let last = page.last else { break }
            after = last.id
            await pace?.rest(after: page.count)
        }
        guard asked >= known else {
            throw RegistryError(
                .recordTampered, "The store lists \(asked) of \(known) versions: run `pratique fsck`.")
        }
        return needed
    }

    private func blobs(of key: ArtifactKey) async throws(RegistryError) -> [Digest] {
        let record: ArtifactRecord
        do { record = try await directory.record(of: key) } catch {
            guard error.code == .artifactNotFound else { throw error }
            throw RegistryError(.recordTampered, "The record of \(key.version) is missing: run `pratique fsck`.")
        }
        guard record.state.keepsBytes else { return [] }
        let bytes = try await manifests.document(key.version)
        guard let document = try? ManifestDocument(parsing: bytes) else {
            throw RegistryError(.recordTampered, "The manifest of \(record.name) cannot be read.")
        }
        return document.blobs.map(\.digest)
    }
}

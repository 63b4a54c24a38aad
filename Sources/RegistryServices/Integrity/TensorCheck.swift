import Inspection
import ModelFormats
import OCI
public import RegistryCore
public import RegistryPorts

/// Compares each tensor's bytes with what they were when the artifact was inspected, and names those that changed.
public struct TensorCheck: Sendable {
    public struct Result: Sendable, Hashable {
        public enum Status: String, Sendable, Hashable {
            case verified
            /// There are no tensors in it.
            case skipped
            case failed
        }

        public var name: ArtifactName
        public var status: Status
        public var tensors = 0
        /// Names of the tensors whose bytes changed, `file: name` when the artifact is a directory.
        public var changed: [String] = []

        init(name: ArtifactName, status: Status) {
            self.name = name
            self.status = status
        }
    }

    /// What came of going over everything. Its size does not grow with the number of artifacts.
    public struct Sweep: Sendable {
        public var checked: UInt64 = 0
        public var failures: UInt64 = 0
        /// At most 1,000, in the order of their names; where there are more, those that failed go first.
        public var results: [Result] = []
        /// Artifacts of which there is no result.
        public var resultsOmitted: UInt64 = 0
    }

    private let directory: ArtifactDirectory
    private let manifests: ArtifactManifests
    private let examination: Examination
    private let blobs: any BlobStore

    public init(
        directory: ArtifactDirectory, manifests: ArtifactManifests, examination: Examination,
        blobs: any BlobStore
    ) {
        self.directory = directory
        self.manifests = manifests
        self.examination = examination
        self.blobs = blobs
    }

    public func check(_ name: ArtifactName) async throws(RegistryError) -> Result {
        try await check(try await directory.record(named: name))
    }

    /// Every artifact, one after another. Damage of one is its failure and keeps nobody from the others.
    public func checkAll() async throws(RegistryError) -> Sweep {
        var sweep = Sweep()
        var rows = BoundedRows<Result>()
        var query = RecordQuery()
        while true {
            let page = try await directory.page(query)
            var results = page.tampered.map { name in Result(name: name, status: .failed) }
            for record in page.records { results.append(try await checkInSweep(record)) }
            for result in results {
                rows.add(result, isBad: result.status == .failed)
                sweep.checked += 1
                if result.status == .failed { sweep.failures += 1 }
            }
            guard let next = page.next else { break }
            query = next
        }
        sweep.results = rows.rows.sorted { $0.name < $1.name }
        sweep.resultsOmitted = rows.omitted
        return sweep
    }

    private func checkInSweep(_ record: ArtifactRecord) async throws(RegistryError) -> Result {
        do { return try await check(record) } catch {
            guard error.isDamage else { throw error }
            return Result(name: record.name, status: .failed)
        }
    }

    private func check(_ record: ArtifactRecord) async throws(RegistryError) -> Result {
        var result = Result(name: record.name, status: .skipped)
        guard record.state.keepsBytes else { return result }
        let files = try await manifests.files(of: record.key)
        for file in try await examination.examine(record, files) {
            let ranges = file.report.rangesToHash
            guard let table = file.report.tensors, !ranges.isEmpty else { continue }
            let check = try await throughStore { () async throws(StorageFault) in
                try await blobs.verify(
                    file.file.digest, sizeBytes: file.file.sizeBytes, hashing: ranges,
                    pace: .full, progress: nil)
            }
            result.tensors += table.entries.count
            result.changed += Self.changed(check, file, table, named: files.count > 1)
            if result.status == .skipped { result.status = .verified }
            if case .intact = check { continue }
            result.status = .failed
        }
        if result.status == .failed { try await examination.confirmDamage(record, files) }
        return result
    }

    /// The manifest document of a single tensor file, `nil` for other artifacts.
    public func manifest(of name: ArtifactName) async throws(RegistryError) -> [UInt8]? {
        let record = try await directory.record(named: name)
        let files = try await manifests.files(of: record.key)
        return TensorIdentity(try await examination.examine(record, files))?.document
    }

    private static func changed(
        _ check: BlobCheck, _ file: ExaminedFile, _ table: TensorTable, named: Bool
    ) -> [String] {
        let prefix = named ? "\(file.file.path): " : ""
        switch check {
        case .intact: return []
        case .otherBytes(_, let digests):
            return zip(table.entries, zip(digests, file.tensorDigests)).compactMap { entry, pair in
                pair.0 == pair.1 ? nil : prefix + entry.name
            }
        case .missing, .otherSize, .notARegularFile, .unreadable:
            return table.entries.map { prefix + $0.name }
        }
    }
}

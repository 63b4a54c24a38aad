import RegistryCore
public import RegistryPorts

/// The use cases of the OCI door, put together over one store.
public struct DistributionServices: Sendable {
    public let references: References
    public let repositories: Repositories
    public let lists: RepositoryLists
    public let uploads: BlobUploads
    public let publishing: ManifestPublishing
    public let removal: ManifestRemoval
    public let tagHistory: TagHistory
    public let summaries: AdmissionSummaries

    /// What they work on.
    public struct Parts: Sendable {
        public var store: any MetadataReader
        public var blobs: any BlobStore
        public var directory: ArtifactDirectory
        public var tags: TagBook
        public var manifests: ArtifactManifests
        public var admission: Admission
        public var verification: Verification
        public var memory: HashMemory
        public var ledger: Ledger
        public var viewKeeper: ViewKeeper
        public var leases: BlobLeases
        public var uploads: any UploadStore
        public var entropy: any Entropy
        public var summaries: AdmissionSummaries

        public init(
            store: any MetadataReader, blobs: any BlobStore, directory: ArtifactDirectory, tags: TagBook,
            manifests: ArtifactManifests, admission: Admission, verification: Verification, memory: HashMemory,
            ledger: Ledger, viewKeeper: ViewKeeper, leases: BlobLeases, uploads: any UploadStore,
            entropy: any Entropy, summaries: AdmissionSummaries
        ) {
            self.store = store
            self.blobs = blobs
            self.directory = directory
            self.tags = tags
            self.manifests = manifests
            self.admission = admission
            self.verification = verification
            self.memory = memory
            self.ledger = ledger
            self.viewKeeper = viewKeeper
            self.leases = leases
            self.uploads = uploads
            self.entropy = entropy
            self.summaries = summaries
        }
    }

    /// - Parameters:
    ///   - rules: which tags stay where they are.
    ///   - quotas: how much repositories may hold.
    ///   - integrity: what is asked of manifests that come without a digest.
    ///   - receivedSeconds: how long received bytes wait for a manifest.
    public init(
        _ parts: Parts, rules: TagRules, quotas: QuotaRules = .none, receivedSeconds: Int64, integrity: IntegrityDemand
    ) {
        let latelyPut = LatelyPut()
        let quotas = RepositoryQuotas(quotas, store: parts.store, blobs: parts.blobs, ledger: parts.ledger)
        let received = ReceivedBlobs(store: parts.store, blobs: parts.blobs, ledger: parts.ledger)
        references = References(directory: parts.directory, tags: parts.tags, store: parts.store)
        repositories = Repositories(
            references: references, manifests: parts.manifests, admission: parts.admission,
            review: Review(ledger: parts.ledger), verification: parts.verification,
            memory: parts.memory, blobs: parts.blobs, store: parts.store, tags: parts.tags, received: received)
        lists = RepositoryLists(
            references: references, directory: parts.directory, tags: parts.tags, manifests: parts.manifests,
            store: parts.store)
        uploads = BlobUploads(
            uploads: parts.uploads, blobs: parts.blobs, store: parts.store, leases: parts.leases,
            memory: parts.memory, ledger: parts.ledger, received: received, entropy: parts.entropy, quotas: quotas,
            receivedSeconds: receivedSeconds)
        publishing = ManifestPublishing(
            repositories: repositories, manifests: parts.manifests, blobs: parts.blobs, leases: parts.leases,
            ledger: parts.ledger, received: received, rules: rules, quotas: quotas, receivedSeconds: receivedSeconds,
            latelyPut: latelyPut, integrity: integrity)
        removal = ManifestRemoval(
            references: references, ledger: parts.ledger, rules: rules, quotas: quotas, viewKeeper: parts.viewKeeper,
            latelyPut: latelyPut, received: received)
        summaries = parts.summaries
        tagHistory = TagHistory(store: parts.store, references: references, ledger: parts.ledger, rules: rules)
    }
}

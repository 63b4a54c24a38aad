import Inspection
import InspectionWorker
import LinuxFiles
import Logging
import ModelRoutes
import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RouteSupport
import StorageFilesystem
import StorageSQLite
import TransparencyLog

/// Every part of the registry, put together once. The only place that knows which adapter stands behind which port.
struct RegistryAssembly: Sendable {
    let store: FilesystemStore
    let metadata: SQLiteMetadataStore
    let keys: RegistryKeys
    let blobs: FilesystemBlobStore
    let views: FilesystemViews
    let uploads: FilesystemUploads
    let leases: FilesystemLeases
    let reserve: FilesystemReserve
    let checkpoints: FilesystemCheckpoints
    let sealer: RecordSealer
    let directory: ArtifactDirectory
    let tags: TagBook
    let pushInspection = PushInspection(clock: ContinuousClock())
    let manifests: ArtifactManifests
    let memory: HashMemory
    let ledger: Ledger
    let viewKeeper: ViewKeeper
    let verification: Verification
    let sweep: IntegritySweep
    let collector: Collector
    let intake: Intake
    let assessor: Assessor
    let promotion: Promotion
    let quarantine: Quarantine
    let withdrawal: Withdrawal
    let waivers: WaiverRegister
    let bundles: AttachedBundles
    let reinspection: Reinspection
    let admission: Admission
    let paths: RuntimePaths
    let tensorCheck: TensorCheck
    let history: History
    let summaries: AdmissionSummaries
    let facts: FactReading
    let publisher: LogPublisher
    let newest: NewestEvents
    let policies: PolicyBook
    let heavyWork: WorkLimiter
    let inspector: InspectionWorker
    let manifestView: ManifestView
    let signal: CommitSignal
    let meters: Meters
    let signs = HealthSigns()
    /// A collection that respects what was received since then.
    private let collections: @Sendable (Timestamp) -> RegistryServices.Collection
    let clock: SystemClock
    private let tagRules: TagRules
    private let quotaRules: QuotaRules
    private let retentionRules: RetentionRules
    private let receivedSeconds: Int64
    private let integrity: IntegrityDemand

    /// What is needed before the parts can be put together.
    struct Foundations {
        var store: FilesystemStore
        var metadata: SQLiteMetadataStore
        var keys: RegistryKeys
        var policy: Policy
        var latest: Timestamp
        /// Programs that look into files besides our own inspection.
        var scanners: [any ContentScanner] = []
    }

    init(
        _ foundations: Foundations, _ configuration: ServerConfiguration, cores: Int, logger: Logger,
        stop: @escaping @Sendable (StorageFault) -> Void
    ) throws {
        store = foundations.store
        metadata = foundations.metadata
        keys = foundations.keys
        (clock, meters, signal, reserve) = (SystemClock(), Meters(), CommitSignal(), FilesystemReserve(store))
        sealer = RecordSealer(key: keys.rowSeal)
        blobs = try FilesystemBlobStore(
            store, readers: max(4, cores), backgroundBytesPerSecond: configuration.sweepBytesPerSecond)
        views = try FilesystemViews(store)
        uploads = FilesystemUploads(store, writers: max(4, cores), clock: clock)
        leases = FilesystemLeases(store)
        checkpoints = FilesystemCheckpoints(store)
        inspector = InspectionWorker(logger: logger)
        publisher = try Self.publisher(keys, metadata, checkpoints, sealer)
        newest = Self.newest(metadata, sealer, publisher)
        directory = ArtifactDirectory(store: metadata, sealer: sealer, newest: newest)
        tags = TagBook(store: metadata, sealer: sealer)
        manifests = ArtifactManifests(store: metadata)
        manifestView = Self.manifestView(store, metadata, directory, manifests, logger)
        ledger = Ledger(
            store: metadata, sealer: sealer, newest: newest, clock: clock, latest: foundations.latest,
            listeners: [directory, tags, manifestView, pushInspection, signal], stop: stop)
        memory = HashMemory(
            store: metadata, blobs: blobs, ledger: ledger, sealer: sealer, ageSeconds: configuration.hashAgeSeconds)
        viewKeeper = ViewKeeper(
            store: metadata, directory: directory, manifests: manifests, views: views, memory: memory, ledger: ledger)
        let alarm = Self.alarm(meters, logger)
        verification = Self.verification(metadata, blobs, manifests, memory, ledger, viewKeeper, alarm)
        sweep = Self.sweep(directory, manifests, verification, viewKeeper, ledger, cores)
        let examination = Self.examination(metadata, blobs, inspector, verification, ledger, sealer)
        let longMax = configuration.longOperationsMax
        heavyWork = WorkLimiter(runningMax: longMax, waitingMax: longMax * 8)
        (policies, integrity) = (PolicyBook(current: foundations.policy), IntegrityDemand(foundations.policy))
        intake = Self.intake(
            store, metadata, blobs, leases, directory, examination, memory, ledger, heavyWork, integrity, cores)
        bundles = AttachedBundles(store: metadata, directory: directory, ledger: ledger)
        let trust = TrustedRootBook(configuration.trustSource, clock: clock)
        let signatures = Self.signatures(bundles, manifests, directory, tags, metadata, blobs, trust, verification)
        assessor = Self.assessor(foundations, blobs, sealer, manifests, examination, policies, signatures, ledger)
        promotion = Promotion(
            directory: directory, intake: intake, manifests: manifests, assessor: assessor, ledger: ledger,
            viewKeeper: viewKeeper)
        reinspection = Self.reinspection(directory, promotion, clock, meters, logger)
        (quarantine, withdrawal) = Self.withdrawals(
            ledger, directory, manifests, assessor, metadata, viewKeeper, reserve)
        waivers = Self.waivers(metadata, directory, ledger, viewKeeper, reserve, policies)
        admission = Self.admission(directory, manifests, verification, ledger, policies, metadata)
        paths = RuntimePaths(admission: admission, viewKeeper: viewKeeper, views: views)
        tensorCheck = TensorCheck(directory: directory, manifests: manifests, examination: examination, blobs: blobs)
        history = History(store: metadata, directory: directory)
        summaries = try Self.summaries(metadata, directory, manifests, admission, publisher, keys, configuration)
        facts = FactReading(directory: directory, store: metadata, manifests: manifests, examination: examination)
        (tagRules, quotaRules, retentionRules, receivedSeconds) = configuration.repositoryRules
        let needs = BlobNeeds(store: metadata, directory: directory, manifests: manifests, newest: newest)
        collections = Self.collections(metadata, blobs, needs, intake.leases, leases, ledger)
        collector = Self.collector(collections, clock, configuration, meters, logger)
    }

    private static func verification(
        _ metadata: SQLiteMetadataStore, _ blobs: FilesystemBlobStore, _ manifests: ArtifactManifests,
        _ memory: HashMemory, _ ledger: Ledger, _ viewKeeper: ViewKeeper,
        _ alarm: @escaping @Sendable (IntegrityAlarm) -> Void
    ) -> Verification {
        Verification(
            store: metadata, blobs: blobs, manifests: manifests, memory: memory, ledger: ledger,
            viewKeeper: viewKeeper, alarm: alarm)
    }

    private static func examination(
        _ metadata: SQLiteMetadataStore, _ blobs: FilesystemBlobStore, _ inspector: InspectionWorker,
        _ verification: Verification, _ ledger: Ledger, _ sealer: RecordSealer
    ) -> Examination {
        Examination(
            store: metadata, blobs: blobs, inspector: inspector, verification: verification, ledger: ledger,
            sealer: sealer)
    }

    private static func signatures(
        _ bundles: AttachedBundles, _ manifests: ArtifactManifests, _ directory: ArtifactDirectory, _ tags: TagBook,
        _ metadata: SQLiteMetadataStore, _ blobs: FilesystemBlobStore, _ trust: TrustedRootBook,
        _ verification: Verification
    ) -> SignatureReading {
        SignatureReading(
            attached: bundles, manifests: manifests, directory: directory, tags: tags, store: metadata, blobs: blobs,
            trust: trust, verification: verification)
    }

    private static func assessor(
        _ foundations: Foundations, _ blobs: FilesystemBlobStore, _ sealer: RecordSealer,
        _ manifests: ArtifactManifests, _ examination: Examination, _ policies: PolicyBook,
        _ signatures: SignatureReading, _ ledger: Ledger
    ) -> Assessor {
        let scanning = Scanning(foundations.scanners, store: foundations.metadata, blobs: blobs, sealer: sealer)
        return Assessor(
            manifests: manifests, examination: examination, policies: policies, scanning: scanning,
            signatures: signatures, rules: RepositoryRules(policies: policies, store: foundations.metadata),
            ledger: ledger)
    }

    private static func admission(
        _ directory: ArtifactDirectory, _ manifests: ArtifactManifests, _ verification: Verification,
        _ ledger: Ledger, _ policies: PolicyBook, _ metadata: SQLiteMetadataStore
    ) -> Admission {
        Admission(
            directory: directory, manifests: manifests, verification: verification, ledger: ledger,
            rules: RepositoryRules(policies: policies, store: metadata))
    }

    private static func reinspection(
        _ directory: ArtifactDirectory, _ promotion: Promotion, _ clock: SystemClock, _ meters: Meters,
        _ logger: Logger
    ) -> Reinspection {
        Reinspection(
            directory: directory, promotion: promotion, clock: clock, timer: ContinuousClock(),
            hear: ReinspectionService.hear(meters, logger))
    }

    private static func sweep(
        _ directory: ArtifactDirectory, _ manifests: ArtifactManifests, _ verification: Verification,
        _ viewKeeper: ViewKeeper, _ ledger: Ledger, _ cores: Int
    ) -> IntegritySweep {
        IntegritySweep(
            directory: directory, manifests: manifests, verification: verification, viewKeeper: viewKeeper,
            ledger: ledger, width: cores)
    }

    private static func withdrawals(
        _ ledger: Ledger, _ directory: ArtifactDirectory, _ manifests: ArtifactManifests, _ assessor: Assessor,
        _ metadata: SQLiteMetadataStore, _ viewKeeper: ViewKeeper, _ reserve: FilesystemReserve
    ) -> (Quarantine, Withdrawal) {
        let quarantine = Quarantine(
            ledger: ledger, directory: directory, manifests: manifests, assessor: assessor, viewKeeper: viewKeeper,
            reserve: reserve)
        let withdrawal = Withdrawal(
            ledger: ledger, directory: directory, manifests: manifests, store: metadata, viewKeeper: viewKeeper,
            reserve: reserve)
        return (quarantine, withdrawal)
    }

    private static func waivers(
        _ metadata: SQLiteMetadataStore, _ directory: ArtifactDirectory, _ ledger: Ledger, _ viewKeeper: ViewKeeper,
        _ reserve: FilesystemReserve, _ policies: PolicyBook
    ) -> WaiverRegister {
        WaiverRegister(
            store: metadata, directory: directory, ledger: ledger, viewKeeper: viewKeeper, reserve: reserve,
            policies: policies)
    }

    private static func intake(
        _ store: FilesystemStore, _ metadata: SQLiteMetadataStore, _ blobs: FilesystemBlobStore,
        _ leases: FilesystemLeases, _ directory: ArtifactDirectory, _ examination: Examination, _ memory: HashMemory,
        _ ledger: Ledger, _ heavyWork: WorkLimiter, _ integrity: IntegrityDemand, _ cores: Int
    ) -> Intake {
        Intake(
            directory: directory, sources: FilesystemSources(store), blobs: blobs, examination: examination,
            memory: memory, ledger: ledger, heavyWork: heavyWork, filesAtOnceMax: cores, integrity: integrity,
            received: ReceivedFiles(
                store: metadata, blobs: blobs, leaseStore: leases, examination: examination, memory: memory,
                ledger: ledger, heavyWork: heavyWork, filesAtOnceMax: cores))
    }

    private static func collections(
        _ metadata: SQLiteMetadataStore, _ blobs: FilesystemBlobStore, _ needs: BlobNeeds, _ leases: BlobLeases,
        _ leaseStore: FilesystemLeases, _ ledger: Ledger
    ) -> @Sendable (Timestamp) -> RegistryServices.Collection {
        { time in
            RegistryServices.Collection(
                store: metadata, blobs: blobs, needs: needs, leases: leases, leaseStore: leaseStore, ledger: ledger,
                leasesFrom: time)
        }
    }

    private static func collector(
        _ collections: @escaping @Sendable (Timestamp) -> RegistryServices.Collection, _ clock: SystemClock,
        _ configuration: ServerConfiguration, _ meters: Meters, _ logger: Logger
    ) -> Collector {
        let idleMilliseconds = configuration.uploadIdleSeconds * 1_000
        return Collector(clock: clock, report: CollectionService.report(meters, logger)) {
            collections(Timestamp(clamping: clock.now().milliseconds - idleMilliseconds))
        }
    }

    /// What brings views, boot list and checkpoint in line with the log, before anything is served.
    var reconciler: Reconciler {
        Reconciler(
            store: metadata, blobs: blobs, viewKeeper: viewKeeper, ledger: ledger, policies: policies,
            publisher: publisher,
            boot: BootReading(
                directory: directory, intake: intake, assessor: assessor, quarantine: quarantine,
                withdrawal: withdrawal, viewKeeper: viewKeeper, ledger: ledger, blobs: blobs),
            manifest: manifestView, waivers: waivers)
    }

    /// Removes what nothing uses.
    ///
    /// - Parameter idleSeconds: how long a received file waits for the rest of its set.
    func collection(idleSeconds: Int64) -> RegistryServices.Collection {
        collections(Timestamp(clamping: clock.now().milliseconds - idleSeconds * 1_000))
    }

    /// The use cases of the OCI door. They remember something: there is to be one of them.
    func makeDistribution() -> DistributionServices {
        let distribution = DistributionServices(
            DistributionServices.Parts(
                store: metadata, blobs: blobs, directory: directory, tags: tags, manifests: manifests,
                admission: admission, verification: verification, memory: memory, ledger: ledger,
                viewKeeper: viewKeeper, leases: intake.leases, uploads: uploads, entropy: SystemEntropy(),
                summaries: summaries),
            rules: tagRules, quotas: quotaRules, receivedSeconds: receivedSeconds, integrity: integrity)
        collector.use(
            Retention(
                retentionRules, store: metadata, directory: directory, manifests: manifests,
                removal: distribution.removal, ledger: ledger))
        return distribution
    }

    /// What finds views that no change of ours explains, beside serving.
    var strayViews: StrayViews {
        StrayViews(views: views, directory: directory, viewKeeper: viewKeeper)
    }

    func modelServices(
        version: String, authRequired: Bool, _ distribution: DistributionServices
    ) -> ModelServices {
        ModelServices(
            directory: directory, distribution: distribution, intake: intake, uploads: uploads, promotion: promotion,
            quarantine: quarantine, withdrawal: withdrawal, waivers: waivers, bundles: bundles,
            reinspection: reinspection, paths: paths,
            manifests: manifests,
            verification: verification, sweep: sweep, collector: collector, tensorCheck: tensorCheck, history: history,
            summaries: summaries,
            facts: facts, log: LogReading(store: metadata), publisher: publisher, policies: policies,
            heavyWork: heavyWork, meters: meters,
            health: HealthReport(
                version: version, authRequired: authRequired, logKey: keys.logSigner.verifier.vkey,
                reasons: { [signs] in signs.reasons }))
    }

    private static func publisher(
        _ keys: RegistryKeys, _ metadata: SQLiteMetadataStore, _ checkpoints: FilesystemCheckpoints,
        _ sealer: RecordSealer
    ) throws -> LogPublisher {
        guard let origin = LogOrigin(keys.logSigner.name.description) else { throw KeyFault.badOrigin }
        return LogPublisher(
            store: metadata, checkpoints: checkpoints, sealer: sealer, signer: keys.logSigner, origin: origin)
    }

    private static func summaries(
        _ metadata: SQLiteMetadataStore, _ directory: ArtifactDirectory, _ manifests: ArtifactManifests,
        _ admission: Admission, _ publisher: LogPublisher, _ keys: RegistryKeys, _ configuration: ServerConfiguration
    ) throws -> AdmissionSummaries {
        guard let origin = LogOrigin(keys.logSigner.name.description) else { throw KeyFault.badOrigin }
        return AdmissionSummaries(
            store: metadata, directory: directory, manifests: manifests, admission: admission, publisher: publisher,
            signer: keys.logSigner,
            issuer: SummaryIssuer(
                origin: origin, verifierID: configuration.verifierID, externalURL: configuration.externalURL))
    }

    private static func newest(
        _ metadata: SQLiteMetadataStore, _ sealer: RecordSealer, _ publisher: LogPublisher
    ) -> NewestEvents {
        NewestEvents(store: metadata, sealer: sealer) { () async throws(RegistryError) in try await publisher.kept() }
    }

    private static func manifestView(
        _ store: FilesystemStore, _ metadata: SQLiteMetadataStore, _ directory: ArtifactDirectory,
        _ manifests: ArtifactManifests, _ logger: Logger
    ) -> ManifestView {
        ManifestView(
            store: metadata, directory: directory, manifests: manifests,
            file: FilesystemDocument(path: store.path + "/manifest.yaml"), clock: ContinuousClock(),
            report: disagreement(logger))
    }

    private static func disagreement(_ logger: Logger) -> @Sendable (ManifestDisagreement) -> Void {
        { disagreement in
            logger.error(
                "manifest.yaml disagrees with the log and is not believed",
                metadata: ["disagreement": "\(disagreement)"])
        }
    }

    private static func alarm(_ meters: Meters, _ logger: Logger) -> @Sendable (IntegrityAlarm) -> Void {
        { alarm in
            meters.count("integrity_failures")
            logger.critical(
                "stored bytes are not the admitted ones",
                metadata: [
                    "artifact": "\(alarm.name)", "file": "\(alarm.file)", "found": "\(alarm.damage)",
                ])
        }
    }
}

public import RegistryCore
public import RegistryPorts
public import RegistryServices
import Synchronization

/// Every service of a registry, wired over a world that is in memory, as the server wires them over files.
public final class TestRegistry: Sendable {
    public let world: TestWorld
    /// That of the world, unless it runs on another one.
    public let store: any RebuildableMetadataStore
    public let directory: ArtifactDirectory
    public let tags: TagBook
    public let distribution: DistributionServices
    public let ledger: Ledger
    public let memory: HashMemory
    public let manifests: ArtifactManifests
    public let viewKeeper: ViewKeeper
    public let verification: Verification
    public let examination: Examination
    public let intake: Intake
    public let assessor: Assessor
    public let bundles: AttachedBundles
    public let promotion: Promotion
    public let quarantine: Quarantine
    public let withdrawal: Withdrawal
    public let waivers: WaiverRegister
    public let reinspection: Reinspection
    public let admission: Admission
    public let runtimePaths: RuntimePaths
    public let sweep: IntegritySweep
    public let tensorCheck: TensorCheck
    public let history: History
    public let summaries: AdmissionSummaries
    public let facts: FactReading
    public let publisher: LogPublisher
    public let newest: NewestEvents
    public let policies: PolicyBook
    public let manifestView: ManifestView
    private let raised = AlarmBell()

    /// How long a hash counts, in seconds.
    public static let hashAgeSeconds: Int64 = 3_600
    /// How long received bytes wait for a manifest.
    public static let receivedSeconds: Int64 = 86_400
    /// Whoever the tests are.
    public static let caller = Caller(actor: .serviceToken, requestID: "test")

    /// - Parameters:
    ///   - policy: the YAML of a policy.
    ///   - store: metadata that is not in the world.
    public init(
        _ world: TestWorld, policy: String = Policy.defaultDocument, store: (any RebuildableMetadataStore)? = nil,
        scanners: [any ContentScanner] = [], trust: any TrustRootSource = NoTrustRoot(), immutableTags: [String] = [],
        quotas: [String] = []
    ) async throws {
        let (store, blobs, sealer, bell) = (store ?? world.store, world.blobs, world.sealer, raised)
        (self.world, self.store) = (world, store)
        policies = PolicyBook(current: try Policy(parsing: Array(policy.utf8)))
        publisher = LogPublisher(
            store: store, checkpoints: world.checkpoints, sealer: sealer, signer: world.signer, origin: world.origin)
        newest = NewestEvents(store: store, sealer: sealer) { [publisher] () async throws(RegistryError) in
            try await publisher.kept()
        }
        directory = ArtifactDirectory(store: store, sealer: sealer, newest: newest)
        (tags, manifests) = (TagBook(store: store, sealer: sealer), ArtifactManifests(store: store))
        manifestView = ManifestView(
            store: store, directory: directory, manifests: manifests, file: world.manifest, clock: world.timer,
            report: { disagreement in bell.report(disagreement) })
        ledger = Ledger(
            store: store, sealer: sealer, newest: newest, clock: world.clock,
            latest: try await Self.latestTime(in: store), listeners: [directory, tags, manifestView], stop: bell.stop)
        memory = HashMemory(
            store: store, blobs: blobs, ledger: ledger, sealer: sealer, ageSeconds: Self.hashAgeSeconds)
        viewKeeper = ViewKeeper(
            store: store, directory: directory, manifests: manifests, views: world.views, memory: memory,
            ledger: ledger)
        verification = Verification(
            store: store, blobs: blobs, manifests: manifests, memory: memory, ledger: ledger, viewKeeper: viewKeeper,
            alarm: { alarm in bell.ring(alarm) })
        examination = Self.examination(world, store, verification, ledger)
        intake = Self.intake(world, store, directory, examination, memory, ledger, IntegrityDemand(policies.current))
        bundles = AttachedBundles(store: store, directory: directory, ledger: ledger)
        assessor = Assessor(
            manifests: manifests, examination: examination, policies: policies,
            scanning: Scanning(scanners, store: store, blobs: blobs, sealer: sealer),
            signatures: Self.signatures(world, store, bundles, manifests, directory, tags, trust, verification),
            rules: RepositoryRules(policies: policies, store: store), ledger: ledger)
        promotion = Promotion(
            directory: directory, intake: intake, manifests: manifests, assessor: assessor, ledger: ledger,
            viewKeeper: viewKeeper)
        (quarantine, withdrawal) = Self.withdrawals(ledger, directory, manifests, assessor, store, viewKeeper)
        waivers = Self.waivers(store, directory, ledger, viewKeeper, policies)
        reinspection = Self.reinspection(world, directory, promotion, bell)
        admission = Self.admission(store, directory, manifests, verification, ledger, policies)
        runtimePaths = RuntimePaths(admission: admission, viewKeeper: viewKeeper, views: world.views)
        sweep = Self.sweep(directory, manifests, verification, viewKeeper, ledger)
        tensorCheck = TensorCheck(directory: directory, manifests: manifests, examination: examination, blobs: blobs)
        history = History(store: store, directory: directory)
        summaries = Self.summaries(world, store, directory, manifests, admission, publisher)
        facts = FactReading(directory: directory, store: store, manifests: manifests, examination: examination)
        distribution = try DistributionServices(
            DistributionServices.Parts(
                store: store, blobs: blobs, directory: directory, tags: tags, manifests: manifests,
                admission: admission, verification: verification, memory: memory, ledger: ledger,
                viewKeeper: viewKeeper, leases: intake.leases, uploads: world.uploads, entropy: world.entropy,
                summaries: summaries),
            rules: TagRules(immutable: immutableTags), quotas: QuotaRules(quotas),
            receivedSeconds: Self.receivedSeconds, integrity: IntegrityDemand(policies.current))
    }

    private static func admission(
        _ store: any MetadataReader, _ directory: ArtifactDirectory, _ manifests: ArtifactManifests,
        _ verification: Verification, _ ledger: Ledger, _ policies: PolicyBook
    ) -> Admission {
        Admission(
            directory: directory, manifests: manifests, verification: verification, ledger: ledger,
            rules: RepositoryRules(policies: policies, store: store))
    }

    private static func examination(
        _ world: TestWorld, _ store: any MetadataReader, _ verification: Verification, _ ledger: Ledger
    ) -> Examination {
        Examination(
            store: store, blobs: world.blobs, inspector: world.inspector, verification: verification, ledger: ledger,
            sealer: world.sealer)
    }

    private static func signatures(
        _ world: TestWorld, _ store: any MetadataReader, _ bundles: AttachedBundles, _ manifests: ArtifactManifests,
        _ directory: ArtifactDirectory, _ tags: TagBook, _ trust: any TrustRootSource, _ verification: Verification
    ) -> SignatureReading {
        SignatureReading(
            attached: bundles, manifests: manifests, directory: directory, tags: tags, store: store,
            blobs: world.blobs, trust: trust, verification: verification)
    }

    private static func summaries(
        _ world: TestWorld, _ store: any MetadataReader, _ directory: ArtifactDirectory,
        _ manifests: ArtifactManifests, _ admission: Admission, _ publisher: LogPublisher
    ) -> AdmissionSummaries {
        AdmissionSummaries(
            store: store, directory: directory, manifests: manifests, admission: admission, publisher: publisher,
            signer: world.signer,
            issuer: SummaryIssuer(origin: world.origin, verifierID: nil, externalURL: "https://models.example"))
    }

    private static func withdrawals(
        _ ledger: Ledger, _ directory: ArtifactDirectory, _ manifests: ArtifactManifests, _ assessor: Assessor,
        _ store: any MetadataReader, _ viewKeeper: ViewKeeper
    ) -> (Quarantine, Withdrawal) {
        let quarantine = Quarantine(
            ledger: ledger, directory: directory, manifests: manifests, assessor: assessor, viewKeeper: viewKeeper,
            reserve: NoReserve())
        let withdrawal = Withdrawal(
            ledger: ledger, directory: directory, manifests: manifests, store: store, viewKeeper: viewKeeper,
            reserve: NoReserve())
        return (quarantine, withdrawal)
    }

    private static func waivers(
        _ store: any MetadataReader, _ directory: ArtifactDirectory, _ ledger: Ledger, _ viewKeeper: ViewKeeper,
        _ policies: PolicyBook
    ) -> WaiverRegister {
        WaiverRegister(
            store: store, directory: directory, ledger: ledger, viewKeeper: viewKeeper, reserve: NoReserve(),
            policies: policies)
    }

    private static func reinspection(
        _ world: TestWorld, _ directory: ArtifactDirectory, _ promotion: Promotion, _ bell: AlarmBell
    ) -> Reinspection {
        Reinspection(
            directory: directory, promotion: promotion, clock: world.clock, timer: world.timer,
            hear: { failure in bell.hear(failure) })
    }

    private static func sweep(
        _ directory: ArtifactDirectory, _ manifests: ArtifactManifests, _ verification: Verification,
        _ viewKeeper: ViewKeeper, _ ledger: Ledger
    ) -> IntegritySweep {
        IntegritySweep(
            directory: directory, manifests: manifests, verification: verification, viewKeeper: viewKeeper,
            ledger: ledger, width: 4)
    }

    private static func intake(
        _ world: TestWorld, _ store: any MetadataReader, _ directory: ArtifactDirectory, _ examination: Examination,
        _ memory: HashMemory, _ ledger: Ledger, _ integrity: IntegrityDemand
    ) -> Intake {
        let heavyWork = WorkLimiter(runningMax: 4, waitingMax: 256)
        return Intake(
            directory: directory, sources: world.sources, blobs: world.blobs, examination: examination,
            memory: memory, ledger: ledger, heavyWork: heavyWork, filesAtOnceMax: 4,
            integrity: integrity,
            received: ReceivedFiles(
                store: store, blobs: world.blobs, leaseStore: world.leases, examination: examination,
                memory: memory, ledger: ledger, heavyWork: heavyWork, filesAtOnceMax: 4))
    }

    public var boot: BootReading {
        BootReading(
            directory: directory, intake: intake, assessor: assessor, quarantine: quarantine, withdrawal: withdrawal,
            viewKeeper: viewKeeper, ledger: ledger, blobs: world.blobs)
    }

    public var strayViews: StrayViews {
        StrayViews(views: world.views, directory: directory, viewKeeper: viewKeeper)
    }

    public var reconciler: Reconciler {
        Reconciler(
            store: store, blobs: world.blobs, viewKeeper: viewKeeper, ledger: ledger, policies: policies,
            publisher: publisher, boot: boot, manifest: manifestView, waivers: waivers)
    }

    /// A collection as of now.
    ///
    /// - Parameter idleSeconds: how long what was received waits.
    public func collection(idleSeconds: Int64) -> RegistryServices.Collection {
        RegistryServices.Collection(
            store: store, blobs: world.blobs,
            needs: BlobNeeds(store: store, directory: directory, manifests: manifests, newest: newest),
            leases: intake.leases, leaseStore: world.leases, ledger: ledger,
            leasesFrom: Timestamp(clamping: world.clock.now().milliseconds - idleSeconds * 1_000))
    }

    /// What a start does.
    @discardableResult
    public func reconcile() async throws -> Reconciler.Report {
        try await reconciler.reconcile(manifestFile: world.manifest, bootLockFile: world.bootLock)
    }

    /// What the operator was told about damage, in order.
    public var alarms: [IntegrityAlarm] { raised.alarms }
    /// What the operator was told about a manifest that is not ours, in order.
    public var disagreements: [ManifestDisagreement] { raised.disagreements }
    /// What was looked at again and is not admitted any more, in order.
    public var recheckFailures: [Reinspection.Failure] { raised.failures }
    /// Why the process would have stopped.
    public var stops: [StorageFault] { raised.stops }

    private static func latestTime(in store: any MetadataReader) async throws -> Timestamp {
        let size = try await store.logHead().size
        guard size > 0, let last = try await store.entries(from: size - 1, limit: 1).first else { return .earliest }
        return try RegistryEvent(decoding: last.bytes, index: last.index).time
    }
}

private final class AlarmBell: Sendable {
    private struct Rung {
        var alarms: [IntegrityAlarm] = []
        var stops: [StorageFault] = []
        var disagreements: [ManifestDisagreement] = []
        var failures: [Reinspection.Failure] = []
    }

    private let rung = Mutex(Rung())

    var alarms: [IntegrityAlarm] { rung.withLock { $0.alarms } }
    var stops: [StorageFault] { rung.withLock { $0.stops } }
    var disagreements: [ManifestDisagreement] { rung.withLock { $0.disagreements } }

    var failures: [Reinspection.Failure] { rung.withLock { $0.failures } }

    func hear(_ failure: Reinspection.Failure) { rung.withLock { $0.failures.append(failure) } }
    func ring(_ alarm: IntegrityAlarm) { rung.withLock { $0.alarms.append(alarm) } }
    func report(_ disagreement: ManifestDisagreement) { rung.withLock { $0.disagreements.append(disagreement) } }
    func stop(_ fault: StorageFault) { rung.withLock { $0.stops.append(fault) } }
}

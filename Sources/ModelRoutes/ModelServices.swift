import RegistryCore
public import RegistryPorts
public import RegistryServices
public import RouteSupport

/// The use cases that the routes of this module call. They decide; the routes translate.
public struct ModelServices: Sendable {
    public var directory: ArtifactDirectory
    public var distribution: DistributionServices
    public var intake: Intake
    public var uploads: any UploadStore
    public var promotion: Promotion
    public var quarantine: Quarantine
    public var withdrawal: Withdrawal
    public var waivers: WaiverRegister
    public var bundles: AttachedBundles
    public var reinspection: Reinspection
    public var paths: RuntimePaths
    public var manifests: ArtifactManifests
    public var verification: Verification
    public var sweep: IntegritySweep
    public var collector: Collector
    public var tensorCheck: TensorCheck
    public var history: History
    public var summaries: AdmissionSummaries
    public var facts: FactReading
    public var log: LogReading
    public var publisher: LogPublisher
    public var policies: PolicyBook
    public var heavyWork: WorkLimiter
    public var meters: Meters
    public var health: HealthReport

    public init(
        directory: ArtifactDirectory, distribution: DistributionServices, intake: Intake, uploads: any UploadStore,
        promotion: Promotion, quarantine: Quarantine, withdrawal: Withdrawal, waivers: WaiverRegister,
        bundles: AttachedBundles,
        reinspection: Reinspection,
        paths: RuntimePaths,
        manifests: ArtifactManifests, verification: Verification, sweep: IntegritySweep, collector: Collector,
        tensorCheck: TensorCheck, history: History,
        summaries: AdmissionSummaries, facts: FactReading, log: LogReading, publisher: LogPublisher,
        policies: PolicyBook, heavyWork: WorkLimiter, meters: Meters, health: HealthReport
    ) {
        self.directory = directory
        self.distribution = distribution
        self.intake = intake
        self.uploads = uploads
        self.promotion = promotion
        self.quarantine = quarantine
        self.withdrawal = withdrawal
        self.waivers = waivers
        self.bundles = bundles
        self.reinspection = reinspection
        self.paths = paths
        self.manifests = manifests
        self.verification = verification
        self.sweep = sweep
        self.collector = collector
        self.tensorCheck = tensorCheck
        self.history = history
        self.summaries = summaries
        self.facts = facts
        self.log = log
        self.publisher = publisher
        self.policies = policies
        self.heavyWork = heavyWork
        self.meters = meters
        self.health = health
    }
}

/// What `/health` says besides counts.
public struct HealthReport: Sendable {
    public var version: String
    public var authRequired: Bool
    /// The public key of the log, as a C2SP vkey.
    public var logKey: String
    /// Why the registry is not well; empty when it is.
    public var reasons: @Sendable () -> [String]

    public init(
        version: String, authRequired: Bool, logKey: String, reasons: @escaping @Sendable () -> [String]
    ) {
        self.version = version
        self.authRequired = authRequired
        self.logKey = logKey
        self.reasons = reasons
    }
}

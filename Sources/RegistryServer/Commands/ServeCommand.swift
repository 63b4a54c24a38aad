import ArgumentParser
import Hummingbird
import InspectionWorker
import LinuxFiles
import Logging
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryWire
import RouteSupport
import ServiceLifecycle
import StorageFilesystem
import StorageSQLite

/// `pratique serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the registry until it is told to stop.")

    /// Connections at a time for which there should be descriptors.
    private static let connectionsExpected = 10_000

    @OptionGroup var settings: SettingOptions

    @Flag(name: .long, help: "Check the settings and what they name, change nothing, and exit.")
    var checkConfig = false

    @Option(name: .long, help: "Write the address that is listened on into this file, once it is.")
    var addressFile: String?

    func run() async throws {
        var directory = Setting.registryDir.rawValue
        do {
            let configuration = try settings.configuration()
            directory = configuration.registryDirectory
            let check = try ConfigurationCheck(configuration)
            if checkConfig { return Self.show(check) }
            try await serve(configuration, check)
        } catch {
            throw CommandFailure.exit(error, directory: directory)
        }
    }

    private static func show(_ check: ConfigurationCheck) {
        for warning in check.warnings { StandardError.write("warning: \(warning)\n") }
        let policy = check.policy
        let rules = "policy \(policy.name) \(policy.version) \(policy.digest)"
        StandardError.write("configuration is usable: \(rules)\(check.credentialsSentence)\n")
    }

    private func serve(_ configuration: ServerConfiguration, _ check: ConfigurationCheck) async throws {
        // What loading the program touched.
        ProgramPages.giveBack()
        let clock = SystemClock()
        LoggingSystem.bootstrap { label in
            JSONLogHandler(label: label, level: configuration.logLevel, now: { clock.now() })
        }
        let logger = Logger(label: "pratique")
        warn(configuration, check, logger)
        raiseDescriptorLimit(logger)
        let registry = try await RegistryOpening.open(configuration, logger: logger)
        try await startInspector(registry, logger)
        try await reconcile(registry, configuration, logger)
        let credentials = CredentialBook(check.credentials)
        let rules = rules(configuration, check.token, credentials, registry, logger)
        let addressFile = addressFile
        let identities = check.identity.map { IdentityBook($0) }
        let distribution = registry.makeDistribution()
        let application = RegistryApplication(
            configuration: configuration, rules: rules, identities: identities,
            services: registry.modelServices(
                version: RegistryVersion.current, authRequired: rules.requiresToken, distribution),
            distribution: distribution, logger: logger,
            onListening: { port in
                let address = Self.address(configuration, port)
                logger.notice("listening", metadata: ["address": "\(address)"])
                // What starting touched.
                ProgramPages.giveBack()
                guard let addressFile else { return }
                do throws(FileFault) {
                    try OperatorFile.replace(addressFile, with: Array("\(address)\n".utf8), permissions: 0o644)
                } catch {
                    logger.error("the address file cannot be written", metadata: ["cause": "\(error)"])
                }
            }
        ).make(
            background: background(registry, configuration, logger)
                + credentialWatch(configuration, credentials, registry, logger)
                + identityWatch(configuration, identities, registry, logger)
                + trustUpdate(configuration, registry, logger))
        do { try await application.runService() } catch {
            throw ListeningFault.meaning(of: error, configuration)
        }
        await registry.inspector.stop()
        await registry.metadata.close()
        registry.store.close()
        logger.notice("stopped")
    }

    private func rules(
        _ configuration: ServerConfiguration, _ token: [UInt8]?, _ credentials: CredentialBook,
        _ registry: RegistryAssembly, _ logger: Logger
    ) -> AccessRules {
        AccessRules(
            AccessRules.Settings(
                serviceToken: token, isDevelopment: configuration.isDevelopment,
                readsAreOpen: configuration.readsAreOpen, tokenSeconds: configuration.tokenSeconds),
            credentials: credentials, tokenKey: registry.keys.tokenKey,
            origin: RegistryOrigin(
                externalURL: configuration.externalURL, names: configuration.allowedHosts,
                isSecure: configuration.identityFiles != nil),
            attempts: attempts(configuration, registry.meters, logger), now: { [clock = registry.clock] in clock.now() }
        )
    }

    private func credentialWatch(
        _ configuration: ServerConfiguration, _ credentials: CredentialBook, _ registry: RegistryAssembly,
        _ logger: Logger
    ) -> [any Service] {
        guard let path = configuration.credentialsPath else { return [] }
        return [CredentialWatchService(path: path, book: credentials, signs: registry.signs, logger: logger)]
    }

    private func identityWatch(
        _ configuration: ServerConfiguration, _ identities: IdentityBook?, _ registry: RegistryAssembly,
        _ logger: Logger
    ) -> [any Service] {
        guard let files = configuration.identityFiles, let identities else { return [] }
        return [
            IdentityWatchService(
                files: files, book: identities, clock: registry.clock, signs: registry.signs, logger: logger)
        ]
    }

    private func trustUpdate(
        _ configuration: ServerConfiguration, _ registry: RegistryAssembly, _ logger: Logger
    ) -> [any Service] {
        guard case .repository(let repository) = configuration.trustSource, repository.refreshSeconds > 0 else {
            return []
        }
        return [TrustUpdateService(repository: repository, clock: registry.clock, logger: logger)]
    }

    /// Each connection is a descriptor.
    private func raiseDescriptorLimit(_ logger: Logger) {
        let limit = try? DescriptorLimit.raise()
        if let limit, limit > Self.connectionsExpected { return }
        logger.warning(
            "the hard limit of open files leaves room for few connections: raise LimitNOFILE or ulimit -Hn",
            metadata: ["limit": "\(limit.map(String.init) ?? "unknown")", "expected": "\(Self.connectionsExpected)"])
    }

    private func attempts(
        _ configuration: ServerConfiguration, _ meters: Meters, _ logger: Logger
    ) -> TokenAttempts {
        TokenAttempts(failuresMax: configuration.tokenFailuresMax) { source, isLast in
            meters.count("token_failures")
            guard isLast else { return }
            logger.warning("too many wrong tokens from one address", metadata: ["source": "\(source)"])
        }
    }

    /// Hostile bytes are parsed only where the sandbox was seen to hold.
    private func startInspector(_ registry: RegistryAssembly, _ logger: Logger) async throws {
        try await registry.inspector.start()
        let report = try await registry.inspector.selfTest()
        guard report.isTight else {
            logger.critical(
                "the inspector's sandbox does not hold on this machine",
                metadata: ["possible": "\(report.possible.map { "\($0)" }.sorted().joined(separator: ", "))"])
            throw RegistryError(
                .internalError, "The inspector's sandbox does not hold on this machine: the registry does not start.")
        }
    }

    private func warn(_ configuration: ServerConfiguration, _ check: ConfigurationCheck, _ logger: Logger) {
        if configuration.isDevelopment {
            logger.warning("INSECURE_DEV_MODE: whoever reaches this address may change everything. Not for production.")
        }
        for warning in check.warnings { logger.warning("\(warning)") }
        if configuration.anonymousRead == true, !configuration.isLoopback || configuration.externalURL != nil {
            logger.warning("anonymous_read: everybody who reaches this address may read")
        }
    }

    private func reconcile(
        _ registry: RegistryAssembly, _ configuration: ServerConfiguration, _ logger: Logger
    ) async throws {
        let report = try await registry.reconciler.reconcile(
            manifestFile: FilesystemDocument(path: registry.store.path + "/manifest.yaml"),
            bootLockFile: FilesystemDocument(path: configuration.bootLockPath))
        switch report.seed {
        case .manifest(let reading): log(reading, "manifest.yaml", logger)
        case .bootLock(let reading): log(reading, "boot lock file", logger)
        case nil: break
        }
        switch report.newestEvents {
        case .filing: break
        case .entries:
            logger.critical("entries of the log are filed under other versions: run rebuild-index and see who did that")
        case .signedEntries: logger.notice("the log had no seal yet; all of it is signed, and it was read and sealed")
        }
        if !report.stuckViews.isEmpty {
            logger.error(
                "views do not follow their artifacts' states",
                metadata: ["names": "\(report.stuckViews.prefix(20).map(\.description).joined(separator: ", "))"])
        }
    }

    private func log(_ reading: BootReading.Report, _ list: String, _ logger: Logger) {
        logger.notice(
            "an empty registry began with a list",
            metadata: [
                "list": "\(list)", "digest": "\(reading.digest)", "admitted": "\(reading.admitted.count)",
                "recorded": "\(reading.recorded.count)", "refused": "\(reading.faults.count)",
            ])
        for fault in reading.faults.prefix(100) {
            logger.error("an entry of the list was not admitted", metadata: ["entry": "\(fault)"])
        }
        for warning in reading.warnings {
            logger.warning("a field of the list is not known", metadata: ["field": "\(warning.field)"])
        }
    }

    private func background(
        _ registry: RegistryAssembly, _ configuration: ServerConfiguration, _ logger: Logger
    ) -> [any Service] {
        var services: [any Service] = [
            CheckpointService(
                publisher: registry.publisher, signal: registry.signal, signs: registry.signs, logger: logger),
            InspectorWatchService(inspector: registry.inspector, signs: registry.signs, logger: logger),
            UpkeepService(
                viewKeeper: registry.viewKeeper, memory: registry.memory, ledger: registry.ledger,
                reserve: registry.reserve, logger: logger),
            WaiverService(waivers: registry.waivers, meters: registry.meters, logger: logger),
            ReinspectionService(reinspection: registry.reinspection, logger: logger),
            StrayViewService(strayViews: registry.strayViews, logger: logger),
            ViewRepairService(viewKeeper: registry.viewKeeper, logger: logger),
            PushInspectionService(queue: registry.pushInspection, promotion: registry.promotion),
            ManifestService(view: registry.manifestView, logger: logger),
            UploadExpiryService(
                uploads: registry.uploads, clock: registry.clock, idleSeconds: configuration.uploadIdleSeconds,
                collection: { registry.collection(idleSeconds: configuration.uploadIdleSeconds) }, logger: logger),
        ]
        if configuration.collectionIntervalSeconds > 0 {
            services.append(
                CollectionService(
                    collector: registry.collector, interval: .seconds(configuration.collectionIntervalSeconds),
                    logger: logger))
        }
        if configuration.sweepIntervalSeconds > 0 {
            let path = configuration.integrityResultPath
            services.append(
                SweepService(
                    sweep: registry.sweep, interval: .seconds(configuration.sweepIntervalSeconds),
                    report: { result in IntegrityResultFile.write(result, to: path, logger) }, logger: logger))
        }
        return services
    }

    private static func address(_ configuration: ServerConfiguration, _ port: Int) -> String {
        let scheme = configuration.identityFiles == nil ? "http" : "https"
        let host = configuration.host
        return host.contains(":") ? "\(scheme)://[\(host)]:\(port)" : "\(scheme)://\(host):\(port)"
    }
}

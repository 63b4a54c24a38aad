import InspectionWorker
import Logging
import RegistryCore
import RegistryPorts
import RegistryServices
import RouteSupport
import ServiceLifecycle

/// Signs the log's head soon after each change: at most a second behind, and not more often than ten times a second.
struct CheckpointService: Service {
    static let pause = Duration.milliseconds(100)
    /// After a failure, whether or not anything is committed meanwhile.
    static let retryPause = Duration.seconds(1)

    let publisher: LogPublisher
    let signal: CommitSignal
    let signs: HealthSigns
    let logger: Logger

    func run() async throws {
        for await _ in signal.commits.cancelOnGracefulShutdown() {
            let isNews = signs.begin(.checkpointUnsigned)
            do {
                try await publisher.publish()
                signs.end(.checkpointUnsigned)
                try? await Task.sleep(for: Self.pause)
            } catch {
                if isNews { logger.error("the checkpoint could not be renewed", metadata: ["cause": "\(error)"]) }
                try? await Task.sleep(for: Self.retryPause)
                signal.again()
            }
        }
        // What was acknowledged before the stop is signed before the process ends.
        try await publisher.publish()
    }
}

/// Sees to it that there is an inspector, and says when there cannot be one.
struct InspectorWatchService: Service {
    static let pause = Duration.seconds(2)

    let inspector: InspectionWorker
    let signs: HealthSigns
    let logger: Logger

    func run() async throws {
        await every(Self.pause) {
            do {
                try await inspector.start()
                signs.end(.inspectorGone)
            } catch {
                guard signs.begin(.inspectorGone) else { return }
                logger.error("the inspector could not be started", metadata: ["cause": "\(error)"])
            }
        }
    }
}

/// Work that follows changes and can wait a moment: views that are pending, and what the store should know about
/// hashes.
struct UpkeepService: Service {
    static let pause = Duration.seconds(1)

    let viewKeeper: ViewKeeper
    let memory: HashMemory
    let ledger: Ledger
    let reserve: any SpaceReserve
    let logger: Logger

    func run() async throws {
        await reserve.restore()
        await every(Self.pause) { await self.work() }
        await work()
    }

    private func work() async {
        // Receipts first, and whatever becomes of the rest: the next process looks for those of the last moments only.
        await attempt { try await ledger.writeReceipts() }
        await attempt {
            try await viewKeeper.catchUp()
            try await memory.save()
            await reserve.restore()
        }
    }

    private func attempt(_ work: () async throws -> Void) async {
        do { try await work() } catch {
            logger.error("upkeep failed and will be tried again", metadata: ["cause": "\(error)"])
        }
    }
}

/// Writes down that waivers' time is over. The gate does not wait for it; views do.
struct WaiverService: Service {
    static let pause = Duration.seconds(1)

    let waivers: WaiverRegister
    let meters: Meters
    let logger: Logger

    func run() async throws {
        await every(Self.pause) {
            do {
                let ended = try await waivers.endExpired()
                for name in ended {
                    meters.count("waivers_expired")
                    logger.warning("trust ended with the waiver that it rested on", metadata: ["artifact": "\(name)"])
                }
            } catch {
                logger.error("waivers could not be ended and will be tried again", metadata: ["cause": "\(error)"])
            }
        }
    }
}

/// Looks for views that nobody's trust explains: as soon as the server serves, then every hour.
struct StrayViewService: Service {
    static let pause = Duration.seconds(3_600)
    /// After a look that was cut short or left something behind.
    static let retryPause = Duration.seconds(10)

    let strayViews: StrayViews
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let isClean = await self.work()
                guard (try? await Task.sleep(for: isClean ? Self.pause : Self.retryPause)) != nil else { return }
            }
        }
    }

    /// - Returns: whether no stray is left.
    private func work() async -> Bool {
        do {
            let report = try await strayViews.withdraw()
            log("views of what is not trusted were withdrawn", report.withdrawn)
            log("views of what is not trusted cannot be withdrawn", report.stuck)
            return report.stuck.isEmpty
        } catch {
            logger.error("stray views could not be looked for", metadata: ["cause": "\(error)"])
            return false
        }
    }

    private func log(_ what: Logger.Message, _ names: [ArtifactName]) {
        guard !names.isEmpty else { return }
        let some = names.prefix(20).map(\.description).joined(separator: ", ")
        logger.error(what, metadata: ["count": "\(names.count)", "names": "\(some)"])
    }
}

/// Inspects what is pushed, beside serving.
struct PushInspectionService: Service {
    let queue: PushInspection
    let promotion: Promotion

    func run() async throws {
        await cancelWhenGracefulShutdown { await queue.run(promotion) }
    }
}

/// Puts up the views of what is trusted that are missing or show something else, once after each start.
///
/// Nobody waits for it: who asks for a path gets the view made at once.
struct ViewRepairService: Service {
    let viewKeeper: ViewKeeper
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            do { try await viewKeeper.showAll() } catch {
                guard !Task.isCancelled else { return }
                logger.error("views could not be compared with what is trusted", metadata: ["cause": "\(error)"])
            }
        }
        try? await gracefulShutdown()
    }
}

/// Keeps `manifest.yaml` up to date.
struct ManifestService: Service {
    let view: ManifestView
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await view.run { error in
                logger.error("manifest.yaml could not be written", metadata: ["cause": "\(error)"])
            }
        }
        _ = try? await view.writeIfStale()
    }
}

/// Reads everything again every quarter of an hour, or what is configured.
struct SweepService: Service {
    let sweep: IntegritySweep
    let interval: Duration
    let report: @Sendable (IntegritySweep.Result) async -> Void
    let logger: Logger

    func run() async throws {
        await every(interval) {
            do throws(RegistryError) {
                guard let result = try await sweep.runUnlessRunning(pace: .background) else {
                    return logger.info("the integrity sweep is left out: one that a client asked for is under way")
                }
                await report(result)
            } catch {
                // A stop breaks it off; what it found by then is in the log.
                guard !Task.isCancelled else { return logger.info("the integrity sweep was broken off by the stop") }
                logger.error(
                    "the integrity sweep did not finish",
                    metadata: ["code": "\(error.code.rawValue)", "cause": "\(error.message)"])
            }
        }
    }
}

/// Drops uploads that nobody continues, and received files of which nobody made an artifact.
struct UploadExpiryService: Service {
    static let pause = Duration.seconds(600)

    let uploads: any UploadStore
    let clock: any WallClock
    let idleSeconds: Int64
    /// A collection as of now.
    let collection: @Sendable () -> RegistryServices.Collection
    let logger: Logger

    func run() async throws {
        await every(Self.pause) {
            let limit = Timestamp(clamping: clock.now().milliseconds - idleSeconds * 1_000)
            do {
                let count = try await uploads.discard(idleSince: limit)
                if count > 0 { logger.info("idle uploads dropped", metadata: ["count": "\(count)"]) }
                let files = try await collection().collectAbandoned()
                if files.blobs > 0 {
                    logger.info(
                        "received files dropped that belong to nothing",
                        metadata: ["count": "\(files.blobs)", "bytes": "\(files.bytes)"])
                }
            } catch {
                logger.error("idle uploads could not be dropped", metadata: ["cause": "\(error)"])
            }
        }
    }
}

/// Runs something again and again until the service group stops.
func every(_ pause: Duration, _ body: @escaping @Sendable () async -> Void) async {
    await cancelWhenGracefulShutdown {
        while !Task.isCancelled {
            guard (try? await Task.sleep(for: pause)) != nil else { return }
            await body()
        }
    }
}

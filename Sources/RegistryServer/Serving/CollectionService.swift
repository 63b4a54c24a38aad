import Logging
import OCI
import RegistryCore
import RegistryServices
import RouteSupport
import ServiceLifecycle

/// Removes bytes that nothing needs any more, once an hour or as often as is configured.
struct CollectionService: Service {
    let collector: Collector
    let interval: Duration
    let logger: Logger

    func run() async throws {
        let pace = CollectionPace(clock: ContinuousClock())
        await every(interval) {
            do throws(RegistryError) {
                guard try await collector.runUnlessRunning(isRehearsal: false, pace: pace) == nil else { return }
                logger.info("the collection is left out: one that a client asked for is under way")
            } catch {
                guard !Task.isCancelled else { return logger.info("the collection was broken off by the stop") }
                logger.error(
                    "the collection did not finish",
                    metadata: ["code": "\(error.code.rawValue)", "cause": "\(error.message)"])
            }
        }
    }

    /// What is said of each collection, whoever asked for it.
    static func report(_ meters: Meters, _ logger: Logger) -> @Sendable (Collector.Report) -> Void {
        { report in
            let result = report.result
            meters.count("collected_blobs", by: result.blobs)
            meters.count("collected_bytes", by: result.bytes)
            if report.retention.manifests > 0 {
                logger.info(
                    "manifests that nothing leads to were taken out of repositories",
                    metadata: ["manifests": "\(report.retention.manifests)", "bytes": "\(report.retention.bytes)"])
            }
            warn(of: report.retention, logger)
            if result.blobs > 0 {
                logger.info(
                    "bytes that nothing needs were removed",
                    metadata: ["blobs": "\(result.blobs)", "bytes": "\(result.bytes)"])
            }
            if result.disagreements > 0 {
                logger.critical(
                    "manifests need blobs of which no index says so: run rebuild-index and see who did that",
                    metadata: ["blobs": "\(result.disagreements)"])
            }
        }
    }

    /// What retention left that it should have looked at.
    private static func warn(of retention: Retention.Result, _ logger: Logger) {
        if retention.putLately > 0 {
            logger.info(
                "manifests that nothing leads to stay because they were pushed a moment ago, or may have been",
                metadata: ["manifests": "\(retention.putLately)"])
        }
        if let fault = retention.fault {
            logger.error(
                "repositories were left alone: nothing more goes there before that is mended",
                metadata: [
                    "repositories": "\(retention.repositoriesLeft)",
                    "first": "\(fault.repository?.description ?? "")",
                    "code": "\(fault.code.rawValue)", "cause": "\(fault.message)",
                ])
        } else if retention.repositoriesLeft > 0 {
            logger.warning(
                "repositories were left alone that hold too much for retention",
                metadata: ["repositories": "\(retention.repositoriesLeft)"])
        }
    }
}

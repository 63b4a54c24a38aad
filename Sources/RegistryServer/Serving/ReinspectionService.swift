import Logging
import RegistryCore
import RegistryServices
import RouteSupport
import ServiceLifecycle

/// Looks at what is trusted again, when rules, policy or scanners are others: at each start, and then every ten
/// minutes.
struct ReinspectionService: Service {
    static let pause = Duration.seconds(600)
    /// After a round that was cut short.
    static let retryPause = Duration.seconds(60)

    let reinspection: Reinspection
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let isWhole = await self.work()
                guard (try? await Task.sleep(for: isWhole ? Self.pause : Self.retryPause)) != nil else { return }
            }
        }
    }

    /// - Returns: whether everything came to a result.
    private func work() async -> Bool {
        do throws(RegistryError) {
            let isWhole = try await reinspection.round()
            let report = reinspection.report
            if report.admitted + report.refused > 0 {
                logger.notice(
                    "what is trusted was looked at again",
                    metadata: [
                        "admitted": "\(report.admitted)", "refused": "\(report.refused)",
                        "quarantined": "\(report.quarantined)", "unresolved": "\(report.unresolved)",
                    ])
            }
            return isWhole
        } catch {
            guard !Task.isCancelled else { return false }
            logger.error(
                "what is trusted could not be looked at again, and stays as it is",
                metadata: ["code": "\(error.code.rawValue)", "cause": "\(error.message)"])
            return false
        }
    }

    /// What is said of each artifact that is not admitted any more.
    static func hear(_ meters: Meters, _ logger: Logger) -> @Sendable (Reinspection.Failure) -> Void {
        { failure in
            meters.count("reinspection_failures")
            logger.error(
                "something trusted is not admitted any more",
                metadata: [
                    "artifact": "\(failure.name)", "denied_by": "\(failure.codes.joined(separator: ", "))",
                    "quarantined": "\(failure.isQuarantined)",
                ])
        }
    }
}

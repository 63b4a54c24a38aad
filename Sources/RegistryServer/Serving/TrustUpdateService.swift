import Logging
import RegistryPorts
import ServiceLifecycle
import TUF
import TUFUpdater

/// Keeps the trusted root fresh, so that it does not expire in the cache while the repository has a newer one.
struct TrustUpdateService: Service {
    /// After an update that failed.
    static let retryPause = Duration.seconds(300)

    let repository: TrustRepository
    let clock: any WallClock
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let pause = await self.update() ? .seconds(repository.refreshSeconds) : Self.retryPause
                guard (try? await Task.sleep(for: pause)) != nil else { return }
            }
        }
    }

    /// - Returns: whether it came to its end.
    private func update() async -> Bool {
        do {
            let file = try await TrustedRootFile.load(.repository(repository), isOnline: true, at: clock.now())
            var metadata: Logger.Metadata = ["digest": "\(file.digest)"]
            if let expires = file.expires { metadata["expires"] = "\(expires.time)" }
            logger.info("trusted root is up to date", metadata: metadata)
            return true
        } catch {
            guard !Task.isCancelled else { return false }
            let code = (error as? UpdateFault)?.code ?? "configuration"
            logger.error(
                "the trusted root could not be updated: what is kept serves until it expires",
                metadata: ["code": "\(code)", "cause": "\(error)"])
            return false
        }
    }
}

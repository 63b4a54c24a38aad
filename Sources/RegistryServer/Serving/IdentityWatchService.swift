import Logging
import RegistryCore
import RegistryPorts
import RouteSupport
import ServiceLifecycle

/// Looks at the files of certificate and key again and again, so that a renewed certificate is shown within a second.
///
/// Files that cannot be used change nothing: what was read before is shown on, and `/health` says so. For a moment
/// while the two are being replaced they do not belong together; that is no news until it lasts.
struct IdentityWatchService: Service {
    static let pause = Duration.seconds(1)

    let files: IdentityFiles
    let book: IdentityBook
    let clock: any WallClock
    let signs: HealthSigns
    let logger: Logger

    /// What is shown, and how it was found at the last look.
    private struct Sight {
        var shown: IdentityFiles.Contents?
        var notAfter: Int64 = .max
        var renewalDue: Int64 = .max
        var complaint: String?
        var complaints = 0
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var sight = Sight()
            while !Task.isCancelled {
                // The first look reads again what the start has read.
                self.look(&sight)
                self.judgeAge(sight)
                guard (try? await Task.sleep(for: Self.pause)) != nil else { return }
            }
        }
    }

    private func look(_ sight: inout Sight) {
        do throws(ConfigurationFault) {
            let contents = try files.contents()
            if contents != sight.shown {
                let identity = try files.identity(contents)
                book.replace(with: identity)
                (sight.shown, sight.notAfter) = (contents, identity.notAfter)
                sight.renewalDue = identity.renewalDue
                let end = Timestamp(clamping: identity.notAfter.multipliedClamping(by: 1_000))
                logger.notice("certificate read", metadata: ["not_after": "\(end)"])
            }
            (sight.complaint, sight.complaints) = (nil, 0)
            signs.end(.certificateUnusable)
        } catch {
            signs.begin(.certificateUnusable)
            // Once for each thing that is wrong, if it is still wrong at the next look.
            sight.complaints = sight.complaint == error.description ? sight.complaints + 1 : 0
            sight.complaint = error.description
            guard sight.complaints == 1 else { return }
            logger.error(
                "the certificate or its key cannot be used: those that were read before are shown on",
                metadata: ["cause": "\(error)"])
        }
    }

    private func judgeAge(_ sight: Sight) {
        let now = clock.now().milliseconds / 1_000
        judge(.certificateExpired, sight.notAfter <= now, "the certificate has expired")
        judge(
            .certificateEnding, sight.notAfter > now && sight.renewalDue <= now,
            "the certificate is due to be renewed")
    }

    private func judge(_ ailment: HealthSigns.Ailment, _ isSo: Bool, _ sentence: Logger.Message) {
        guard isSo else { return signs.end(ailment) }
        if signs.begin(ailment) { logger.error(sentence, metadata: ["file": "\(files.certificatePath)"]) }
    }
}

extension Int64 {
    fileprivate func multipliedClamping(by factor: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? .max : product
    }
}

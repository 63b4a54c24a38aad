import Logging
import RegistryCore
import RouteSupport
import ServiceLifecycle

/// Reads the file of credentials again and again, so that what is taken out of it counts no more within a second.
///
/// A file that cannot be read or understood changes nothing: the credentials that were last read stay in force, and
/// `/health` says so. To lock everybody out because somebody is in the middle of editing would help nobody.
struct CredentialWatchService: Service {
    static let pause = Duration.milliseconds(250)

    let path: String
    let book: CredentialBook
    let signs: HealthSigns
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // The first look reads again what the start has read.
            var inForce: [UInt8] = []
            while !Task.isCancelled {
                guard (try? await Task.sleep(for: Self.pause)) != nil else { return }
                self.look(&inForce)
            }
        }
    }

    private func look(_ inForce: inout [UInt8]) {
        do throws(ConfigurationFault) {
            // Not by the time of change, which two writes soon after each other may share.
            let bytes = try CredentialFile.contents(of: path)
            if bytes != inForce {
                let list = try CredentialFile.list(bytes, path)
                book.replace(with: list)
                inForce = bytes
                logger.notice("credentials read", metadata: ["count": "\(list.credentials.count)"])
            }
            signs.end(.credentialsUnreadable)
        } catch {
            guard signs.begin(.credentialsUnreadable) else { return }
            logger.error(
                "the credentials cannot be read: those that were read before stay in force",
                metadata: ["cause": "\(error)"])
        }
    }
}

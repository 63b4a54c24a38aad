import RegistryCore
package import RegistryPorts
import TUF
import TUFUpdater

/// The trusted root that decisions are made by: read and verified when the first one asks, kept in memory, and looked
/// at again for what another process or the updates of this one brought.
package actor TrustedRootBook: TrustRootSource {
    fileprivate struct Kept {
        var known: KnownTrustRoot
        /// `nil` for a file that is pinned.
        var expires: Timestamp?
        var readAt: ContinuousClock.Instant
    }

    private let source: TrustSource?
    private let clock: any WallClock
    private let ageMax: Duration
    private var kept: Kept?

    /// - Parameter ageMax: how long it is used before it is looked at again.
    package init(_ source: TrustSource?, clock: any WallClock, keptFor ageMax: Duration = .seconds(10)) {
        self.source = source
        self.clock = clock
        self.ageMax = ageMax
    }

    package func current() async throws(TrustRootFault) -> KnownTrustRoot {
        guard let source else { throw .notConfigured }
        let now = clock.now()
        if let kept, kept.counts(at: now), ContinuousClock.now - kept.readAt < ageMax { return kept.known }
        do {
            let file = try await TrustedRootFile.load(source, isOnline: false, at: now)
            let known = KnownTrustRoot(root: file.root, digest: file.digest)
            kept = Kept(
                known: known, expires: file.expires.map { Timestamp(clamping: $0.time.secondsSince1970 * 1_000) },
                readAt: ContinuousClock.now)
            return known
        } catch let fault as UpdateFault {
            // An update is at work in the cache: what it finds counts from then on.
            if case .busy = fault, let kept, kept.counts(at: now) { return kept.known }
            throw fault.code == "tuf_expired" ? .expired : .unreadable
        } catch {
            throw .unreadable
        }
    }
}

extension TrustedRootBook.Kept {
    fileprivate func counts(at now: Timestamp) -> Bool { expires.map { now < $0 } ?? true }
}

public import DER

/// A time at which somebody who is trusted had seen the signature.
public struct VerifiedTime: Sendable, Hashable {
    public enum Source: Sendable, Hashable {
        /// A log, by its host.
        case log(String)
        case timestampAuthority
    }

    public let source: Source
    public let time: UnixTime
}

/// Step 3: when it was signed. Logs and timestamp authorities say it, never the signer.
///
/// Every timestamp has to verify, and an identity needs at least one time.
struct TimedSignature: Sendable {
    let logged: LoggedSignature
    let times: [VerifiedTime]

    var claim: SignatureClaim { logged.claim }

    init(_ logged: LoggedSignature, root: TrustedRoot) throws(VerificationFailure) {
        let bundle = logged.claim.bundle
        guard Set(bundle.timestamps).count == bundle.timestamps.count else {
            throw VerificationFailure(.timestampDuplicate, "a timestamp is there twice")
        }
        var times: [VerifiedTime] = []
        for entry in logged.entries {
            guard let time = entry.integratedTime else { continue }
            times.append(VerifiedTime(source: .log(entry.log.host), time: time))
        }
        for response in bundle.timestamps {
            let timestamp = try VerifiedTimestamp(response: response, over: bundle.signature, root: root)
            times.append(VerifiedTime(source: .timestampAuthority, time: timestamp.time))
        }
        if logged.claim.needsLog, times.isEmpty {
            throw VerificationFailure(.timeMissing, "nobody who is trusted says when it was signed")
        }
        // A log without times of its own was in use when others saw the signature.
        for entry in logged.entries where entry.integratedTime == nil && !times.isEmpty {
            guard times.contains(where: { entry.log.window.contains($0.time) }) else {
                throw VerificationFailure(.logOutsideWindow, "the key of the log was not in use when it was signed")
            }
        }
        self.logged = logged
        self.times = times
    }
}

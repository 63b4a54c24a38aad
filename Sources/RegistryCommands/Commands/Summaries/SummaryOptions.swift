internal import ArgumentParser
internal import Glibc
internal import OCI
internal import RegistryCore
internal import TransparencyLog

/// What is asked of a verification summary.
struct SummaryOptions: ParsableArguments {
    @Option(
        help: "File with a verification summary that the registry has signed; that of oci://… is fetched without.",
        completion: .file())
    var vsa: String?

    @Option(help: "Directory in which the registry's log was saved, by `log save`.", completion: .directory)
    var log: String?

    @Option(
        name: .customLong("log-proof"),
        help: "File with a proof that the decision is in the log (C2SP tlog-proof), instead of a copy of the log.",
        completion: .file())
    var logProof: String?

    @Option(name: .customLong("verifier-id"), help: "URI of the verifier that has to have decided.")
    var verifierID: String?

    @Option(name: .customLong("resource-uri"), help: "URI that the artifact has to have been verified as.")
    var resourceURI: String?

    @Option(name: .customLong("policy-digest"), help: "Digest of the policy that has to have decided: sha256:…")
    var policyDigest: String?

    @Option(
        name: .customLong("verified-level"),
        help: "Level that has to have been reached, such as SLSA_BUILD_LEVEL_2; may be repeated.")
    var verifiedLevel: [String] = []

    @Option(
        name: .customLong("max-age"), help: "How long ago it may have been decided: 36h, 7d, or a number of seconds.")
    var maxAge: String?

    /// Whether it is asked what a summary says.
    var isAsked: Bool {
        vsa != nil || log != nil || logProof != nil || !verifiedLevel.isEmpty
            || [verifierID, resourceURI, policyDigest, maxAge].contains { $0 != nil }
    }

    func validate() throws {
        guard isAsked else { return }
        guard log == nil || logProof == nil else {
            throw ValidationError("--log and --log-proof exclude each other: a copy of the log says more.")
        }
        _ = try expectation()
    }

    func expectation() throws -> SummaryExpectation {
        var expectation = SummaryExpectation()
        expectation.verifierID = verifierID
        expectation.resourceURI = resourceURI
        expectation.levels = verifiedLevel
        if let policyDigest {
            guard let digest = try? Digest(parsing: policyDigest) else {
                throw ValidationError("--policy-digest is a digest: sha256:…")
            }
            expectation.policy = digest
        }
        if let maxAge {
            guard let seconds = Self.seconds(maxAge) else {
                throw ValidationError("--max-age is a number of seconds, of hours (36h) or of days (7d).")
            }
            expectation.ageSecondsMax = seconds
        }
        return expectation
    }

    private static func seconds(_ text: String) -> Int64? {
        let factors: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        let factor = text.last.flatMap { factors[$0] }
        let digits = factor == nil ? text[...] : text.dropLast()
        guard let number = Int64(digits), number >= 0 else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor ?? 1)
        return overflow ? nil : product
    }

    /// The time on this machine.
    static func now() throws(CommandFailure) -> Timestamp {
        var time = timespec()
        guard clock_gettime(CLOCK_REALTIME, &time) == 0, time.tv_sec > 0 else {
            throw CommandFailure(.unchecked, "This machine's clock has no time.")
        }
        // The kernel keeps no time whose nanoseconds need more than 64 bits.
        return Timestamp(clamping: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

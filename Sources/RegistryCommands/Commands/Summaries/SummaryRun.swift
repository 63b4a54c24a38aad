internal import Attestation
internal import DistributionClient
internal import RegistryCore
internal import TransparencyLog

/// One question about a summary, and its answer.
struct SummaryRun {
    private let options: SummaryOptions
    private let expectation: SummaryExpectation
    private let keys: [String]

    /// - Parameter keys: the key of the registry as it was named, if it was.
    init(_ options: SummaryOptions, keys: [String]) throws {
        self.options = options
        self.keys = keys
        expectation = try options.expectation()
    }

    /// - Throws: `CommandFailure` when something cannot be read. What is wrong with the summary is in the report.
    func report(
        on text: String, _ access: RegistryAccess, _ context: CommandContext
    ) async throws -> SummaryReport {
        let subject = try SummarySubject(text)
        let envelope = try await envelope(subject, access, context)
        let memory = try LogMemory(context.environment)
        let key =
            if let given = try SummaryKey.given(keys) { given } else { try SummaryKey.remembered(envelope, memory) }
        var report = SummaryReport(subject: text)
        do {
            let verified = try VerifiedSummary(opening: envelope, key: key)
            report.verified = verified
            report.place = try await subject.place(in: verified, access, context)
            try expectation.check(verified, now: try SummaryOptions.now())
            report.log = try await log(verified, key, memory)
            report.open = open
        } catch let refusal as SummaryRefusal {
            report.refusal = refusal
        }
        return report
    }

    /// From a file, or from the registry that has the artifact: who signed it, and what it says, is found out after.
    private func envelope(
        _ subject: SummarySubject, _ access: RegistryAccess, _ context: CommandContext
    ) async throws -> [UInt8] {
        if let path = options.vsa { return try LocalFile(path).readAll(bytesMax: VerifiedSummary.bytesMax) }
        guard case .manifest(.registry(let reference)) = subject else {
            throw CommandFailure(
                .usage, "Name the summary: --vsa FILE. Only that of an artifact in a registry, oci://…, is fetched.")
        }
        let found = try await access.withClient(context) { client in
            try await client.repository(of: reference).related(
                to: reference.reference, by: VerificationSummary.predicateType, bytesMax: VerifiedSummary.bytesMax)
        }
        guard let found else {
            throw CommandFailure(.unchecked, "\(reference.registry) does not say where a summary of it is.")
        }
        return found
    }

    private func log(_ verified: VerifiedSummary, _ key: NoteVerifier, _ memory: LogMemory) async throws -> SummaryLog {
        if let directory = options.log { return try await SummaryLog(directory: directory, verified, key, memory) }
        if let path = options.logProof { return try SummaryLog(proof: path, verified, key) }
        throw SummaryRefusal(.logMissing, "nothing shows that the decision is in the log: --log or --log-proof")
    }

    /// What was not asked for and could not be known.
    private var open: [String] {
        var open: [String] = []
        if options.log == nil { open.append("whether it was withdrawn since") }
        if expectation.resourceURI == nil { open.append("what it was verified as") }
        if expectation.policy == nil { open.append("by which policy") }
        if expectation.ageSecondsMax == nil { open.append("how long ago") }
        return open
    }
}

internal import RegistryCore
internal import TransparencyLog

/// What a log says about the decision of a summary.
struct SummaryLog: Sendable {
    /// Entries that the log has.
    let size: UInt64
    /// What came after the decision; `nil` where only a proof of the decision itself is at hand.
    let standing: SummaryStanding?

    /// From the log in a directory: the decision has to be in it, and to stand at its end.
    ///
    /// - Throws: `SummaryRefusal`; `CommandFailure` for a copy that is damaged, older than what is
    ///   remembered of this log, or contradicted by it.
    init(directory: String, _ verified: VerifiedSummary, _ key: NoteVerifier, _ memory: LogMemory) async throws {
        let source = try DirectoryLogSource(directory)
        let session = try await LogSession(source, vkey: key.vkey, server: nil, memory)
        let report = DecisionReport(decision: session.decision, isCopy: true)
        // Where a newer log was seen, an older copy hides what came since.
        guard report.status == .done else { throw CommandFailure(report.status, report.sentence) }
        try await self.init(session, verified)
    }

    /// From a log that was verified already.
    init(_ session: LogSession, _ verified: VerifiedSummary) async throws {
        guard session.checkpoint.checkpoint.origin == verified.decision.origin else {
            throw SummaryRefusal(.originMismatch, "the log is another one, \(session.checkpoint.checkpoint.origin)")
        }
        var standing = SummaryStanding(of: verified)
        size = session.head.size
        if verified.decision.index < size {
            try await LogWalk(session.source, head: session.head).run(from: verified.decision.index) { batch in
                for bundle in batch.bundles {
                    for (index, entry) in zip(bundle.first..., bundle.entries) {
                        standing.hear(Array(entry), at: index)
                    }
                }
            }
        }
        try standing.check(size: size)
        self.standing = standing
    }

    /// From a file that proves that the decision was in the log, and says nothing of what came after.
    init(proof path: String, _ verified: VerifiedSummary, _ key: NoteVerifier) throws {
        let bytes = try LocalFile(path).readAll(bytesMax: LogProof.bytesMax)
        do throws(LogProofFault) {
            let proof = try LogProof(parsing: bytes)
            guard proof.leafIndex == verified.decision.index else {
                throw .inclusion(.leafOutOfRange(verified.decision.index, size: proof.leafIndex))
            }
            size = try proof.verify(
                leaf: verified.decision.leafHash, origin: verified.decision.origin, keys: [key]
            ).head.size
            standing = nil
        } catch {
            switch error {
            case .inclusion: throw SummaryRefusal(.notInLog, "the proof is of another entry")
            case .checkpoint, .unreadable, .malformedLine:
                throw SummaryRefusal(
                    .logInvalid, "the proof cannot be read, or its checkpoint is not signed by the key")
            }
        }
    }
}

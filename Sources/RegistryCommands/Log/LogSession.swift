internal import TransparencyLog

/// A log whose newest checkpoint was verified, and compared with what is remembered of it.
struct LogSession: Sendable {
    /// Where the key that verified the checkpoint comes from.
    enum KeyOrigin: String, Sendable {
        case given = "given on the command line"
        case remembered = "remembered"
        case stated = "stated by the source, and believed for the first time"
    }

    let source: any LogSource
    let key: NoteVerifier
    let keyOrigin: KeyOrigin
    let checkpoint: VerifiedCheckpoint
    let remembered: LogRecord?
    let decision: CheckpointDecision

    var head: TreeHead { checkpoint.head }

    /// Fetches the checkpoint, verifies it and judges it.
    ///
    /// - Parameters:
    ///   - vkey: the verifier key that the user gave, if any.
    ///   - server: address of the registry; `nil` for a saved log. A log that was never seen there is compared with any
    ///     record of its origin.
    /// - Throws: `.bad` if the checkpoint is not signed by the key, or is gone although one is remembered;
    ///   `.unchecked` if there is nothing to verify or the tiles for the comparison cannot be had.
    init(_ source: any LogSource, vkey: String?, server: String?, _ memory: LogMemory) async throws(CommandFailure) {
        self.source = source
        let known = if let server { try memory.record(for: server) } else { LogRecord?.none }
        guard let bytes = try await source.checkpoint() else { throw Self.missing(known, memory) }
        let claimed: LogOrigin
        do throws(CommandFailure) { claimed = try Self.claimedOrigin(bytes) } catch {
            throw error.naming(known, memory)
        }
        remembered =
            if let known { known } else { try Self.moved(memory.record(for: claimed), bytes, isSaved: server == nil) }
        (key, keyOrigin) = try await Self.key(vkey, remembered, source, memory)
        do throws(CheckpointFault) {
            checkpoint = try VerifiedCheckpoint(
                opening: bytes, origin: remembered?.origin ?? claimed, keys: [key])
        } catch {
            throw CommandFailure(error, key: key).naming(remembered, memory)
        }
        decision = try await Self.judge(checkpoint, CheckpointMemory(remembered: remembered?.checkpoint), source)
    }

    /// A log that was seen at another address, or of which this is a copy, has to contain what was seen before.
    ///
    /// An address that was never asked before may serve another log of the same name: that has another key.
    private static func moved(_ record: LogRecord?, _ note: [UInt8], isSaved: Bool) -> LogRecord? {
        guard let record, !isSaved else { return record }
        let isSame = (try? VerifiedCheckpoint(opening: note, origin: record.origin, keys: [record.key])) != nil
        return isSame ? record : nil
    }

    private static func missing(_ known: LogRecord?, _ memory: LogMemory) -> CommandFailure {
        guard let known else {
            return CommandFailure(
                .unchecked, "The log is empty: nothing was signed yet, so there is nothing to verify.")
        }
        return CommandFailure(
            .bad,
            "HISTORY IS GONE: the log has no checkpoint, but one of \(known.checkpoint.size) entries is remembered."
        ).naming(known, memory)
    }

    /// The origin that an unverified note states: only to look up what is remembered of it.
    private static func claimedOrigin(_ bytes: [UInt8]) throws(CommandFailure) -> LogOrigin {
        let note: SignedNote
        do {
            note = try SignedNote(parsing: bytes)
        } catch {
            throw CommandFailure(CheckpointFault.note(error), key: nil)
        }
        do {
            return try Checkpoint(parsing: note.text).origin
        } catch {
            throw CommandFailure(error, key: nil)
        }
    }

    private static func key(
        _ vkey: String?, _ remembered: LogRecord?, _ source: any LogSource, _ memory: LogMemory
    ) async throws(CommandFailure) -> (NoteVerifier, KeyOrigin) {
        if let vkey {
            guard let key = NoteVerifier(vkey: vkey) else {
                throw CommandFailure(
                    .usage, "--key is no verifier key: name+identifier+key, as the log's operator gives it.")
            }
            if let remembered, remembered.key != key {
                throw CommandFailure(
                    .bad, "The key is not the one that is remembered for this log.",
                    details: ["given: \(key.vkey)", "remembered: \(remembered.key.vkey)"],
                    hint: "If the operator has replaced the key, remove \(memory.file(for: remembered.server)).")
            }
            return (key, .given)
        }
        if let remembered { return (remembered.key, .remembered) }
        guard let stated = try await source.key(), let key = NoteVerifier(vkey: stated) else {
            throw CommandFailure(.unchecked, "The log states no key.", hint: "Name it: --key VKEY.")
        }
        return (key, .stated)
    }

    private static func judge(
        _ offered: VerifiedCheckpoint, _ memory: CheckpointMemory, _ source: any LogSource
    ) async throws(CommandFailure) -> CheckpointDecision {
        guard let remembered = memory.remembered, remembered.origin == offered.checkpoint.origin,
            remembered.size < offered.head.size
        else { return memory.judge(offered.checkpoint, proof: nil) }
        let tiles = try await LogTiles(source, head: offered.head).verified { planner throws(ProofFault<Never>) in
            try planner.tiles(forRootAt: remembered.size)
        }
        return memory.judge(offered, tiles: tiles)
    }
}

extension CommandFailure {
    /// The same with where that is remembered with which it does not agree, and what may be done about it.
    fileprivate func naming(_ record: LogRecord?, _ memory: LogMemory) -> CommandFailure {
        guard let record else { return self }
        var failure = self
        failure.details.append("remembered in: \(memory.file(for: record.server))")
        failure.hint = LogMemory.advice
        return failure
    }

    /// What a refused checkpoint means.
    init(_ fault: CheckpointFault, key: NoteVerifier?) {
        let signer = key.map { " by the key \($0.vkey)" } ?? ""
        switch fault {
        case .note(.noKnownSignature): self.init(.bad, "The checkpoint is not signed\(signer).")
        case .note(.badSignature): self.init(.bad, "The checkpoint's signature\(signer) does not verify.")
        case .note(let fault): self.init(.bad, "The checkpoint is malformed: \(fault).")
        case .otherOrigin(let origin): self.init(.bad, "This is the checkpoint of another log: \(origin).")
        case .missingLine, .malformedSize, .malformedRoot: self.init(.bad, "The checkpoint is malformed: \(fault).")
        }
    }
}

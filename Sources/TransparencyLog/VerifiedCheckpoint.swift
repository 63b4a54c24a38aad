/// A checkpoint of the expected log that at least one of the expected keys has signed.
///
/// Only this initialiser makes one. It says that the log stands behind the head, not that the head extends an
/// earlier one: that is what `CheckpointMemory` decides.
public struct VerifiedCheckpoint: Sendable, Hashable {
    public let checkpoint: Checkpoint

    /// The note it came in, with all signatures.
    public let note: SignedNote

    /// The keys that signed; never empty.
    public let signers: [NoteVerifier]

    /// Parses a checkpoint and verifies it.
    ///
    /// - Parameters:
    ///   - origin: the log that is expected; another one is refused.
    ///   - keys: the log's keys as the client was configured with them.
    public init(opening bytes: [UInt8], origin: LogOrigin, keys: [NoteVerifier]) throws(CheckpointFault) {
        let note: SignedNote
        let signers: [NoteVerifier]
        do {
            note = try SignedNote(parsing: bytes)
            signers = try note.verify(by: keys)
        } catch {
            throw .note(error)
        }
        let checkpoint = try Checkpoint(parsing: note.text)
        guard checkpoint.origin == origin else { throw .otherOrigin(checkpoint.origin) }
        self.checkpoint = checkpoint
        self.note = note
        self.signers = signers
    }

    public var head: TreeHead { checkpoint.head }
}

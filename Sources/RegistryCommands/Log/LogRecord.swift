internal import StrictJSON
internal import TransparencyLog

/// What is remembered of one registry's log: who it is, by which key it signs, and the newest checkpoint accepted.
struct LogRecord: Sendable, Hashable {
    /// Address of the registry.
    var server: String
    var key: NoteVerifier
    var checkpoint: Checkpoint
    /// The signed note, so that it can be shown to others.
    var note: SignedNote

    var origin: LogOrigin { checkpoint.origin }

    init(server: String, key: NoteVerifier, _ verified: VerifiedCheckpoint) {
        self.server = server
        self.key = key
        checkpoint = verified.checkpoint
        note = verified.note
    }

    /// Reads a record and verifies its checkpoint once more: a damaged memory must not pass for a remembered one.
    init?(decoding bytes: [UInt8]) {
        let limits = JSONLimits(bytesMax: Self.bytesMax, nodesMax: 100, stringBytesMax: SignedNote.bytesMax)
        guard let value = try? StrictJSON.parse(bytes, limits: limits), var fields = try? FieldReader(value),
            let server = try? fields.requiredString("server"),
            let origin = try? LogOrigin(fields.requiredString("origin")),
            let key = try? NoteVerifier(vkey: fields.requiredString("key")),
            let note = try? fields.requiredString("checkpoint"), (try? fields.finish()) != nil,
            let verified = try? VerifiedCheckpoint(opening: Array(note.utf8), origin: origin, keys: [key])
        else { return nil }
        self.init(server: server, key: key, verified)
    }

    var encoded: [UInt8] {
        let json: JSONValue = [
            "server": .string(server), "origin": .string(origin.description), "key": .string(key.vkey),
            "checkpoint": .string(String(decoding: note.encoded, as: UTF8.self)),
        ]
        return json.encoded(.pretty)
    }

    static let bytesMax = 2 * SignedNote.bytesMax
}

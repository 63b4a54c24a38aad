import Testing
import TransparencyLog

@Suite("Checkpoint")
struct CheckpointTests {
    static let text = "example.com/log\n42\nB1Bqhf2d0vEg62lPhgEeW7RmLlxBWmKRcDPUqWJEh+c=\n"

    @Test("A checkpoint is read and written alike, extension lines too")
    func roundTrip() throws {
        let plain = try Checkpoint(parsing: Self.text)
        #expect(plain.origin.description == "example.com/log")
        #expect(plain.head == TreeHead(size: 42, root: CTReference.leaves[3]))
        #expect(plain.text == Self.text)

        let extended = try Checkpoint(parsing: Self.text + "one\ntwo words\n")
        #expect(extended.extensionLines == ["one", "two words"])
        #expect(extended.text == Self.text + "one\ntwo words\n")
    }

    @Test(
        "Malformed checkpoints are refused by name",
        arguments: [
            ("", CheckpointFault.missingLine),
            ("a\n1\n", .missingLine),
            ("a\n1\nB1BqhEh+c=", .missingLine),
            ("\n1\nB1BqhEh+c=\n", .missingLine),
            (text + "\n", .missingLine),
            (text + "one\n\ntwo\n", .missingLine),
            (text.replacing("42", with: "042"), .malformedSize),
            (text.replacing("42", with: "+42"), .malformedSize),
            (text.replacing("42", with: "-1"), .malformedSize),
            (text.replacing("42", with: "0x2a"), .malformedSize),
            (text.replacing("42", with: "42 "), .malformedSize),
            (text.replacing("42", with: "٤٢"), .malformedSize),
            (text.replacing("42", with: "9223372036854775808"), .malformedSize),
            (text.replacing("42", with: "99999999999999999999999"), .malformedSize),
            (text.replacing("h+c=", with: "h+d="), .malformedRoot),
            (text.replacing("h+c=", with: "h+cA"), .malformedRoot),
            (text.replacing("B1Bq", with: ""), .malformedRoot),
        ])
    func malformed(text: String, fault: CheckpointFault) {
        #expect(throws: fault) { try Checkpoint(parsing: text) }
    }

    @Test("The checkpoint of the Go checksum database opens with its key")
    func goCheckpoint() throws {
        let origin = try #require(LogOrigin("go.sum database tree"))
        let key = try NoteVectors.verifier(NoteVectors.goKey)
        let bytes = Array(NoteVectors.goCheckpoint.utf8)
        let verified = try VerifiedCheckpoint(opening: bytes, origin: origin, keys: [key])
        #expect(verified.head.size == 65_209_736)
        #expect(verified.signers == [key])

        let other = try #require(LogOrigin("another log"))
        #expect(throws: CheckpointFault.otherOrigin(origin)) {
            try VerifiedCheckpoint(opening: bytes, origin: other, keys: [key])
        }
        #expect(throws: CheckpointFault.note(.noKnownSignature)) {
            try VerifiedCheckpoint(opening: bytes, origin: origin, keys: [])
        }
    }

    @Test("What a log signs, a client with its key opens; witnesses may add themselves")
    func signing() throws {
        let signer = try TestLog.signer("example.com/log", seed: 1)
        let witness = try TestLog.signer("witness.example/w", seed: 2)
        let checkpoint = try Checkpoint(parsing: Self.text)
        let note = try checkpoint.signed(by: [signer, witness])
        let verified = try VerifiedCheckpoint(
            opening: note.encoded, origin: checkpoint.origin, keys: [witness.verifier, signer.verifier])
        #expect(verified.checkpoint == checkpoint)
        #expect(verified.signers == [signer.verifier, witness.verifier])
    }
}

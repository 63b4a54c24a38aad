import Testing
import TransparencyLog

@Suite("Signed note")
struct SignedNoteTests {
    private func parse(_ note: String) throws -> SignedNote {
        try SignedNote(parsing: Array(note.utf8))
    }

    @Test(
        "The notes of the specification and of the Go checksum database verify",
        arguments: [
            (NoteVectors.specificationNote, NoteVectors.specificationKey),
            (NoteVectors.goCheckpoint, NoteVectors.goKey),
            (NoteVectors.text + "\n" + NoteVectors.peterLine, NoteVectors.peterKey),
            (NoteVectors.text + "\n" + NoteVectors.enochLine + NoteVectors.peterLine, NoteVectors.enochKey),
        ])
    func vectors(note: String, vkey: String) throws {
        let key = try NoteVectors.verifier(vkey)
        let parsed = try parse(note)
        #expect(try parsed.verify(by: [key]) == [key])
        #expect(parsed.encoded == Array(note.utf8))
    }

    @Test("Signing gives the bytes that Go's tool gives")
    func signing() throws {
        let signer = try #require(NoteSigner(skey: NoteVectors.peterSecret))
        var note = try SignedNote(text: NoteVectors.text)
        try note.sign(with: signer)
        #expect(String(decoding: note.encoded, as: UTF8.self) == NoteVectors.text + "\n" + NoteVectors.peterLine)

        try note.sign(with: signer)
        #expect(note.signatures.count == 1)
    }

    @Test("Signatures by unknown keys are ignored, but somebody known must have signed")
    func unknownKeys() throws {
        let note = try parse(NoteVectors.text + "\n" + NoteVectors.peterLine + NoteVectors.enochLine)
        let peter = try NoteVectors.verifier(NoteVectors.peterKey)
        let enoch = try NoteVectors.verifier(NoteVectors.enochKey)
        let stranger = try NoteVectors.verifier(NoteVectors.goKey)
        #expect(try note.verify(by: [peter]) == [peter])
        #expect(try note.verify(by: [enoch, peter]) == [peter, enoch])
        #expect(throws: NoteFault.noKnownSignature) { try note.verify(by: [stranger]) }
        #expect(throws: NoteFault.noKnownSignature) { try note.verify(by: []) }
    }

    @Test("One bad signature by a known key spoils the note, whatever else is valid")
    func badSignature() throws {
        let peter = try NoteVectors.verifier(NoteVectors.peterKey)
        let enoch = try NoteVectors.verifier(NoteVectors.enochKey)
        let forged = NoteVectors.enochLine.replacing("rwz+eBzm", with: "rwz+eBzn")
        let note = try parse(NoteVectors.text + "\n" + NoteVectors.peterLine + forged)
        #expect(throws: NoteFault.badSignature(enoch.name, keyID: enoch.keyID)) { try note.verify(by: [peter, enoch]) }
        #expect(try note.verify(by: [peter]) == [peter])
    }

    @Test("A second, bad signature by the same key is not overlooked")
    func repeatedSignature() throws {
        let peter = try NoteVectors.verifier(NoteVectors.peterKey)
        let forged = NoteVectors.peterLine.replacing("x08go/ZJ", with: "x08go/ZK")
        #expect(throws: NoteFault.badSignature(peter.name, keyID: peter.keyID)) {
            try parse(NoteVectors.text + "\n" + NoteVectors.peterLine + forged).verify(by: [peter])
        }
        let repeated = try parse(NoteVectors.text + "\n" + NoteVectors.peterLine + NoteVectors.peterLine)
        #expect(try repeated.verify(by: [peter]) == [peter])
    }

    @Test("The right name with another identifier, or the reverse, is an unknown key")
    func nameAndIdentifier() throws {
        let peter = try NoteVectors.verifier(NoteVectors.peterKey)
        let renamed = NoteVectors.peterLine.replacing("PeterNeumann", with: "PeterNeuman")
        let otherID = NoteVectors.peterLine.replacing("x08go/", with: "x08gpP")
        for line in [renamed, otherID] {
            #expect(throws: NoteFault.noKnownSignature) {
                try parse(NoteVectors.text + "\n" + line).verify(by: [peter])
            }
        }
    }

    @Test(
        "Every flipped bit of a signed note makes it fail",
        arguments: [
            (NoteVectors.specificationNote, NoteVectors.specificationKey),
            (NoteVectors.goCheckpoint, NoteVectors.goKey),
        ])
    func flippedBits(note: String, vkey: String) throws {
        let key = try NoteVectors.verifier(vkey)
        let bytes = Array(note.utf8)
        for bit in 0..<bytes.count * 8 {
            #expect(throws: NoteFault.self) {
                try SignedNote(parsing: bytes.flipping(bit: bit)).verify(by: [key])
            }
        }
    }

    @Test("Text may contain blank lines: the last one separates the signatures")
    func blankLines() throws {
        let note = try parse("one\n\ntwo\n\n" + NoteVectors.peterLine)
        #expect(note.text == "one\n\ntwo\n")
    }

    @Test(
        "Malformed notes are refused by name",
        arguments: [
            ("", NoteFault.noSignatureBlock),
            ("text\n", .noSignatureBlock),
            ("text\n\n", .noSignatureBlock),
            ("text\n\n— n AAAAAAAA", .noSignatureBlock),
            ("text\n— n AAAAAAAA\n", .noSignatureBlock),
            ("text\n\n- n AAAAAAAA\n", .malformedSignature(line: 0)),
            ("text\n\n— n AAAA\n", .malformedSignature(line: 0)),
            ("text\n\n— n AAAAAAAA\n— n AAAAAA\n", .malformedSignature(line: 1)),
            ("text\n\n— n AAAAAA==\n", .malformedSignature(line: 0)),
            ("text\n\n— n  AAAAAAAA\n", .malformedSignature(line: 0)),
            ("text\n\n— n AAAAAAAA \n", .malformedSignature(line: 0)),
            ("text\n\n— a+b AAAAAAAA\n", .malformedSignature(line: 0)),
            ("text\n\n—  AAAAAAAA\n", .malformedSignature(line: 0)),
            ("text\n\n— \u{301}n\u{301} AAAA=AAA\n", .malformedSignature(line: 0)),
            ("te\rxt\n\n— n AAAAAAAA\n", .controlCharacter(offset: 2)),
            ("te\0xt\n\n— n AAAAAAAA\n", .controlCharacter(offset: 2)),
            ("text\n\n— n\tAAAAAAAA\n", .controlCharacter(offset: 11)),
        ])
    func malformed(note: String, fault: NoteFault) {
        #expect(throws: fault) { try parse(note) }
    }

    @Test("Bytes that are not UTF-8 are refused")
    func notUTF8() {
        let note = [0xC3, 0x28] + Array("\n\n— n AAAAAAAA\n".utf8)
        #expect(throws: NoteFault.notUTF8) { try SignedNote(parsing: note) }
    }

    @Test("Size and number of signatures have limits, and sixteen signatures pass")
    func limits() throws {
        let lines = { (count: Int) in String(repeating: NoteVectors.peterLine, count: count) }
        #expect(try parse(NoteVectors.text + "\n" + lines(64)).signatures.count == 64)
        #expect(throws: NoteFault.tooManySignatures(max: 64)) { try parse(NoteVectors.text + "\n" + lines(65)) }
        let huge = [UInt8](repeating: UInt8(ascii: "a"), count: SignedNote.bytesMax + 1)
        #expect(throws: NoteFault.tooLarge(byteCount: huge.count, max: SignedNote.bytesMax)) {
            try SignedNote(parsing: huge)
        }
    }

    @Test("Text without a final newline, or with control characters, is never signed")
    func unsignableText() throws {
        let signer = try #require(NoteSigner(skey: NoteVectors.peterSecret))
        #expect(throws: NoteFault.textNotTerminated) { try SignedNote(text: "abc") }
        #expect(throws: NoteFault.textNotTerminated) { try SignedNote(text: "") }
        #expect(throws: NoteFault.textNotTerminated) { try signer.sign("abc") }
        #expect(throws: NoteFault.controlCharacter(offset: 1)) { try SignedNote(text: "a\u{1B}[2J\n") }
    }
}

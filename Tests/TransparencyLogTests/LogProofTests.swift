import Testing
import TransparencyLog

@Suite("Proof file")
struct LogProofTests {
    let log: TestLog
    let leaf = MerkleHashing.leaf(Array("77".utf8))

    init() throws {
        log = try TestLog(size: 300)
    }

    private func proof(extra: [UInt8]? = nil) throws -> LogProof {
        let inclusion = try log.builder.inclusionProof(of: 77, in: 300)
        let note = try log.checkpoint(at: 300).signed(by: [log.signer])
        return LogProof(extra: extra, leafIndex: 77, path: inclusion.path, checkpoint: note)
    }

    @Test(
        "A proof file verifies offline and is read as it was written", arguments: [nil, [], [1, 2, 3]] as [[UInt8]?])
    func roundTrip(extra: [UInt8]?) throws {
        let proof = try proof(extra: extra)
        let read = try LogProof(parsing: proof.encoded)
        #expect(read == proof)
        let verified = try read.verify(leaf: leaf, origin: log.origin, keys: [log.signer.verifier])
        #expect(verified.head.size == 300)
    }

    @Test("The file has the form of the specification")
    func form() throws {
        let lines = String(decoding: try proof(extra: [1]).encoded, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "c2sp.org/tlog-proof@v1")
        #expect(lines[1] == "extra AQ==")
        #expect(lines[2] == "index 77")
        #expect(lines[3...11].allSatisfy { LogHash(base64: $0) != nil })
        #expect(lines[12].isEmpty)
        #expect(lines[13] == "log.example/test")
    }

    @Test("Every flipped bit of a proof file makes it fail")
    func flippedBits() throws {
        let bytes = try proof().encoded
        for bit in 0..<bytes.count * 8 {
            #expect(throws: LogProofFault.self) {
                try LogProof(parsing: bytes.flipping(bit: bit))
                    .verify(leaf: leaf, origin: log.origin, keys: [log.signer.verifier])
            }
        }
    }

    @Test("Another leaf, another key and another log are refused")
    func foreign() throws {
        let proof = try proof()
        let stranger = try TestLog.signer("log.example/test", seed: 9).verifier
        #expect(throws: LogProofFault.checkpoint(.note(.noKnownSignature))) {
            try proof.verify(leaf: leaf, origin: log.origin, keys: [stranger])
        }
        #expect(throws: LogProofFault.self) {
            try proof.verify(leaf: MerkleHashing.leaf([]), origin: log.origin, keys: [log.signer.verifier])
        }
        let origin = try #require(LogOrigin("log.example/other"))
        #expect(throws: LogProofFault.checkpoint(.otherOrigin(log.origin))) {
            try proof.verify(leaf: leaf, origin: origin, keys: [log.signer.verifier])
        }
    }

    @Test(
        "Malformed files are refused by line",
        arguments: [
            ("c2sp.org/tlog-proof@v2\nindex 1\n\n", LogProofFault.malformedLine(0)),
            ("c2sp.org/tlog-proof@v1\n\n", .malformedLine(1)),
            ("c2sp.org/tlog-proof@v1\nindex 01\n\n", .malformedLine(1)),
            ("c2sp.org/tlog-proof@v1\nextra !\nindex 1\n\n", .malformedLine(1)),
            ("c2sp.org/tlog-proof@v1\nextra AQ==\nindx 1\n\n", .malformedLine(2)),
            ("c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\n", .malformedLine(2)),
            ("c2sp.org/tlog-proof@v1\nindex 1\n", .unreadable),
            ("c2sp.org/tlog-proof@v1\nindex 1\n\n", .checkpoint(.note(.noSignatureBlock))),
        ])
    func malformed(text: String, fault: LogProofFault) {
        #expect(throws: fault) { try LogProof(parsing: Array(text.utf8)) }
    }

    @Test("A path longer than any tree is high is refused")
    func endlessPath() throws {
        let long = LogProof(
            leafIndex: 0, path: [LogHash](repeating: leaf, count: 65), checkpoint: try proof().checkpoint)
        #expect(throws: LogProofFault.malformedLine(66)) { try LogProof(parsing: long.encoded) }
    }
}

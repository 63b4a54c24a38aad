import RepositorySimulator
import StrictJSON
import TUF
import Testing

@Suite("Signatures and thresholds")
struct SignatureThresholdTests {
    private func refusal(of repository: RepositorySimulator) -> TUFRefusal? {
        var client = SimulatedClient(anchor: repository.anchor)
        do throws(TUFRefusal) {
            _ = try client.update(from: repository)
            return nil
        } catch {
            return error
        }
    }

    /// A repository whose timestamp is signed by `signers` where two of three keys have to.
    private func twoOfThree(_ signers: [SimulatedKey]) throws -> RepositorySimulator {
        var repository = try RepositorySimulator()
        repository.revise("timestamp") { role in
            role.keys = [SimulatedKey(20), SimulatedKey(21), SimulatedKey(22)]
            role.threshold = 2
            role.signers = signers
        }
        repository.revise("root")
        try repository.publish("timestamp", "root")
        return repository
    }

    @Test("Any two of three keys are enough for a threshold of two")
    func enough() throws {
        for signers in [[20, 21], [21, 22], [22, 20], [20, 21, 22]] as [[UInt8]] {
            #expect(try refusal(of: twoOfThree(signers.map { SimulatedKey($0) })) == nil)
        }
    }

    @Test("Fewer keys than the threshold are refused, also with signatures of others")
    func tooFew() throws {
        for signers in [[20], [20, 40, 41]] as [[UInt8]] {
            #expect(
                try refusal(of: twoOfThree(signers.map { SimulatedKey($0) }))
                    == TUFRefusal(.timestamp, .thresholdNotMet(valid: 1, threshold: 2)))
        }
        #expect(try refusal(of: twoOfThree([])) == TUFRefusal(.timestamp, .thresholdNotMet(valid: 0, threshold: 2)))
    }

    @Test("A key identifier that signs twice is refused, although enough others have signed")
    func duplicateSignature() throws {
        let signers = [20, 21, 22, 20].map { SimulatedKey($0) }
        #expect(try refusal(of: twoOfThree(signers)) == TUFRefusal(.timestamp, .duplicateSignature))
    }

    @Test("One key under two identifiers counts once")
    func oneKeyTwoNames() throws {
        var repository = try RepositorySimulator()
        var alias = SimulatedKey(20)
        alias.keyID = "another name"
        repository.revise("timestamp")
        repository.rotate("timestamp", to: [SimulatedKey(20), alias], threshold: 2)
        repository.revise("root")
        try repository.publish("timestamp", "root")
        #expect(refusal(of: repository) == TUFRefusal(.timestamp, .thresholdNotMet(valid: 1, threshold: 2)))
    }

    @Test("A role that names one key twice is refused")
    func duplicateKey() throws {
        var repository = try RepositorySimulator()
        repository.revise("root")
        repository.roles["snapshot"]?.keys = [SimulatedKey(3), SimulatedKey(3)]
        try repository.publish("root")
        #expect(refusal(of: repository) == TUFRefusal(.root, .malformed("a role names a key twice")))
    }

    @Test("A threshold that no keys can meet lets root pass and refuses the role")
    func impossibleThreshold() throws {
        var repository = try RepositorySimulator()
        repository.revise("root")
        repository.roles["timestamp"]?.threshold = .max
        try repository.publish("root")
        #expect(
            refusal(of: repository)
                == TUFRefusal(.timestamp, .thresholdNotMet(valid: 1, threshold: .max)))
    }

    @Test("Empty, odd and wrong signatures besides enough right ones do no harm")
    func wrongSignaturesBesides() throws {
        let repository = try RepositorySimulator()
        for text in ["", "0", "zz", "00", String(repeating: "ab", count: 64), String(repeating: "0", count: 10_000)] {
            var damaged = repository
            damaged.files["timestamp.json"] = try adding(
                ["keyid": "absent", "sig": .string(text)], to: repository.files["timestamp.json"])
            #expect(refusal(of: damaged) == nil)
        }
    }

    @Test("More signatures than anybody verifies are refused")
    func tooManySignatures() throws {
        var repository = try RepositorySimulator()
        for number in 0..<64 {
            repository.files["timestamp.json"] = try adding(
                ["keyid": .string("n\(number)"), "sig": ""], to: repository.files["timestamp.json"])
        }
        #expect(refusal(of: repository) == TUFRefusal(.timestamp, .malformed("there are too many signatures")))
    }

    @Test("Every signed byte counts: whatever bit of what is signed changes, the file is refused")
    func everyBit() throws {
        let repository = try RepositorySimulator()
        let bytes = try #require(repository.files["timestamp.json"])
        let text = String(decoding: bytes, as: UTF8.self)
        let signed = try #require(text.firstRange(of: "\"signed\": "))
        let first = text.utf8.distance(from: text.startIndex, to: signed.upperBound)
        for place in first..<bytes.count where bytes[place] > 0x20 {
            for bit in 0..<8 {
                var changed = repository
                changed.files["timestamp.json"]?[place] ^= 1 << UInt8(bit)
                #expect(refusal(of: changed) != nil, "bit \(bit) of byte \(place)")
            }
        }
    }

    @Test("Members that nobody knows are signed, too, and mean nothing")
    func unknownMembers() throws {
        var repository = try RepositorySimulator()
        for name in ["root", "targets", "snapshot", "timestamp"] {
            repository.revise(name) { $0.others = [("x-new", ["a": 1, "b": ["c"]])] }
            try repository.publish(name)
        }
        #expect(refusal(of: repository) == nil)
        let text = String(decoding: repository.files["timestamp.json"] ?? [], as: UTF8.self)
        repository.files["timestamp.json"] = Array(text.replacing("x-new", with: "x-old").utf8)
        #expect(refusal(of: repository)?.code == "tuf_threshold_not_met")
    }

    private func adding(_ signature: JSONValue, to bytes: [UInt8]?) throws -> [UInt8] {
        let limits = JSONLimits(bytesMax: 1 << 20, nodesMax: 1 << 16, stringBytesMax: 1 << 16)
        var file = try #require(try StrictJSON.parse(bytes ?? [], limits: limits).asObject)
        file["signatures"] = .array((file["signatures"]?.asArray ?? []) + [signature])
        return JSONValue.object(file).encoded()
    }
}

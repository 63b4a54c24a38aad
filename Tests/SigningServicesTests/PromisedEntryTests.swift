import SignatureKeys
import SigningServices
import StrictJSON
import Testing

@Suite("Entries with promises")
struct PromisedEntryTests {
    private static let hash = String(repeating: "ab", count: 32)

    private static func proof(_ changes: (inout JSONObject) -> Void = { _ in }) -> JSONValue {
        var proof: JSONObject = [
            "logIndex": 5, "treeSize": 7, "rootHash": .string(hash), "hashes": [.string(hash)],
            "checkpoint": "log\n7\n…\n",
        ]
        changes(&proof)
        return .object(proof)
    }

    private static func entry(
        body: String = #"{"apiVersion":"0.0.1","kind":"dsse","spec":{}}"#,
        _ changes: (inout JSONObject) -> Void = { _ in }
    ) -> JSONValue {
        var entry: JSONObject = [
            "body": .string(Base64.encode(Array(body.utf8))), "integratedTime": 1_800_000_000, "logID": .string(hash),
            "logIndex": 4_000_005,
            "verification": ["signedEntryTimestamp": "MAA=", "inclusionProof": proof()],
        ]
        changes(&entry)
        return .object(entry)
    }

    private static func answer(_ entry: JSONValue = entry()) -> [UInt8] {
        JSONValue.object(JSONObject([(hash, entry)])).encoded()
    }

    private static func read(_ bytes: [UInt8]) -> JSONObject? {
        ServiceAnswer.promisedEntry(bytes)?.encoded.asObject
    }

    @Test("Hexadecimal and numbers become what bundles have, and the place of an entry stays that in the whole log")
    func read() throws {
        let entry = try #require(Self.read(Self.answer()))
        let bytes = Base64.encode([UInt8](repeating: 0xAB, count: 32))
        #expect(entry["logIndex"] == "4000005")
        #expect(entry["integratedTime"] == "1800000000")
        #expect(entry["logId"] == ["keyId": .string(bytes)])
        #expect(entry["kindVersion"] == ["kind": "dsse", "version": "0.0.1"])
        #expect(entry["inclusionPromise"] == ["signedEntryTimestamp": "MAA="])
        let proof: JSONValue = [
            "logIndex": "5", "rootHash": .string(bytes), "treeSize": "7", "hashes": [.string(bytes)],
            "checkpoint": ["envelope": "log\n7\n…\n"],
        ]
        #expect(entry["inclusionProof"] == proof)
    }

    @Test(
        "Without promise, proof or checkpoint, with two entries, or with a number that none can have, there is no entry"
    )
    func nearMisses() {
        func verification(_ value: JSONValue?, _ promise: JSONValue? = "MAA=") -> [UInt8] {
            Self.answer(
                Self.entry {
                    $0["verification"] = .object(
                        JSONObject(present: [("signedEntryTimestamp", promise), ("inclusionProof", value)]))
                })
        }
        let long = JSONValue.array(Array(repeating: .string(Self.hash), count: 65))
        let misses = [
            verification(nil), verification(Self.proof(), nil), verification(Self.proof(), "?"),
            verification(Self.proof { $0["checkpoint"] = nil }), verification(Self.proof { $0["hashes"] = nil }),
            verification(Self.proof { $0["hashes"] = ["xy"] }), verification(Self.proof { $0["hashes"] = long }),
            verification(Self.proof { $0["rootHash"] = "abc" }), verification(Self.proof { $0["treeSize"] = -1 }),
            verification(Self.proof { $0["logIndex"] = "5" }),
            Self.answer(Self.entry { $0["logIndex"] = -1 }), Self.answer(Self.entry { $0["integratedTime"] = nil }),
            Self.answer(Self.entry { $0["logID"] = "?" }), Self.answer(Self.entry { $0["body"] = "e30" }),
            Self.answer(Self.entry(body: "{}")),
            Self.answer(Self.entry(body: #"{"apiVersion":"0.0.1","kind":"dsse","kind":"intoto","spec":{}}"#)),
            Self.answer(Self.entry(body: #"{"apiVersion":"0.0.1","kind":"dsse","spec":[]}"#)),
            Array("{}".utf8), Array("[]".utf8), JSONValue.object(["a": Self.entry(), "b": Self.entry()]).encoded(),
            Self.answer() + Self.answer(),
        ]
        for miss in misses {
            #expect(ServiceAnswer.promisedEntry(miss) == nil, "\(String(decoding: miss, as: UTF8.self))")
        }
    }

    @Test("Whatever is cut off or changed in an entry, reading it ends")
    func mutations() {
        let whole = Self.answer()
        for end in whole.indices {
            #expect(ServiceAnswer.promisedEntry(Array(whole[..<end])) == nil)
            for value: UInt8 in [0x00, 0x22, 0x2D, 0x39, 0x5C, 0x7B, 0xFF] {
                var changed = whole
                changed[end] = value
                _ = ServiceAnswer.promisedEntry(changed)
            }
        }
    }
}

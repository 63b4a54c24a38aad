import Crypto
import FoundationEssentials
import RegistryCommands
import StrictJSON
import Testing

/// A model directory with a signature over the list of its files, made as OpenSSF model signing says.
private struct SignedModelFixture {
    let scratch: Scratch
    private let key = P256.Signing.PrivateKey()

    init() throws {
        scratch = try Scratch()
        try scratch.write("model/config.json", "{}")
        try scratch.write("model/sub/weights.bin", "weights")
        try scratch.write("model/sub.x/é", "")
        try scratch.write("model/.git/HEAD", "ref")
        try scratch.write("key.pub", key.publicKey.pemRepresentation)
    }

    static let names = ["config.json", "sub/weights.bin", "sub.x/é"]

    /// - Parameter change: to the predicate.
    func sign(
        _ names: [String] = names, root: String = "model", change: (inout JSONObject) -> Void = { _ in }
    ) throws {
        var digests: [UInt8] = []
        var resources: [JSONValue] = []
        for name in names {
            let path = name == "." ? root : "\(root)/\(name)"
            let digest = Array(SHA256.hash(data: scratch.read(path) ?? []))
            digests += digest
            resources.append(["name": .string(name), "algorithm": "sha256", "digest": .string(Self.hex(digest))])
        }
        var predicate: JSONObject = [
            "serialization": [
                "method": "files", "hash_type": "sha256", "allow_symlinks": false,
                "ignore_paths": [".git", "model.sig"],
            ],
            "resources": .array(resources),
        ]
        change(&predicate)
        let statement: JSONValue = [
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [["name": "model", "digest": ["sha256": .string(Self.hex(Array(SHA256.hash(data: digests))))]]],
            "predicateType": "https://model_signing/signature/v1.0", "predicate": .object(predicate),
        ]
        let payload = statement.encoded()
        let type = "application/vnd.in-toto+json"
        let signed = Array("DSSEv1 \(type.utf8.count) \(type) \(payload.count) ".utf8) + payload
        let signature = try key.signature(for: Data(signed)).derRepresentation
        let bundle: JSONValue = [
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": ["publicKey": ["hint": ""], "tlogEntries": []],
            "dsseEnvelope": [
                "payload": .string(Data(payload).base64EncodedString()), "payloadType": .string(type),
                "signatures": [["sig": .string(signature.base64EncodedString()), "keyid": ""]],
            ],
        ]
        try scratch.write("model/model.sig", bundle.encoded())
    }

    func verify(_ subject: String = "model") async -> Outcome {
        await securectl([
            "verify", "\(scratch.path)/\(subject)", "--bundle", "\(scratch.path)/model/model.sig", "--key",
            "\(scratch.path)/key.pub",
        ])
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}

@Suite("verify with a signed model")
struct ModelSignatureTests {
    @Test("A directory whose files are the signed ones verifies, whatever lies in what was left out")
    func accepts() async throws {
        let model = try SignedModelFixture()
        try model.sign()
        let outcome = await model.verify()
        #expect(outcome.status == 0, "\(outcome.out)\(outcome.err)")
        try model.scratch.write("model/.git/other", "x")
        #expect(await model.verify().status == 0)
    }

    @Test("Files that were changed, added, taken away or made links are refused, and named")
    func differences() async throws {
        let model = try SignedModelFixture()
        try model.sign()
        func refused(_ text: String) async {
            let outcome = await model.verify()
            #expect(outcome.status == 11)
            #expect(outcome.out.contains("files_differ") && outcome.out.contains(text), "\(outcome.out)")
        }
        try model.scratch.write("model/config.json", "[]")
        await refused("config.json was changed")
        try model.scratch.write("model/config.json", "{}")
        try model.scratch.write("model/sub/evil.py", "")
        await refused("sub/evil.py was not signed")
        try model.scratch.remove("model/sub/evil.py")
        try model.scratch.remove("model/config.json")
        await refused("config.json is missing")
        try model.scratch.write("elsewhere", "{}")
        #expect(symlinked("\(model.scratch.path)/elsewhere", "\(model.scratch.path)/model/config.json"))
        await refused("config.json is neither")
        try model.scratch.remove("model/config.json")
        try model.scratch.write("model/config.json", "{}")
        #expect(await model.verify().status == 0)
    }

    @Test("A model that is one file verifies by its only name")
    func oneFile() async throws {
        let model = try SignedModelFixture()
        try model.scratch.write("one.gguf", "GGUF")
        try model.sign(["."], root: "one.gguf")
        #expect(await model.verify("one.gguf").status == 0)
        try model.scratch.write("one.gguf", "GGUX")
        let changed = await model.verify("one.gguf")
        #expect(changed.status == 11)
        #expect(changed.out.contains("subject_mismatch"))
    }

    @Test("A list that could lead elsewhere or be read in two ways is refused; one of another kind is not decided")
    func lists() async throws {
        let model = try SignedModelFixture()
        func resources(_ names: [String]) -> (inout JSONObject) -> Void {
            let zero = String(repeating: "0", count: 64)
            return { predicate in
                predicate["resources"] = .array(
                    names.map { ["name": .string($0), "algorithm": "sha256", "digest": .string(zero)] })
            }
        }
        for names in [[], ["../x"], ["/x"], ["a//b"], ["a/./b"], ["a", "a"], [".", "a"], [".git/x"], ["a\u{0}"]] {
            try model.sign(change: resources(names))
            let outcome = await model.verify()
            #expect(outcome.status == 11, "\(names)")
            #expect(outcome.out.contains("statement_malformed"), "\(names) \(outcome.out)")
        }
        for (name, value) in [("method", "tree"), ("hash_type", "blake3"), ("allow_symlinks", true)]
            as [(String, JSONValue)]
        {
            try model.sign { predicate in
                var serialization = predicate["serialization"]?.asObject ?? [:]
                serialization[name] = value
                predicate["serialization"] = .object(serialization)
            }
            let outcome = await model.verify()
            #expect(outcome.status == 12)
            #expect(outcome.out.contains("statement_unsupported"))
        }
        try model.sign(change: resources(["config.json"]))
        let outcome = await model.verify()
        #expect(outcome.status == 11)
        #expect(outcome.out.contains("subject_mismatch"))
    }

    @Test("Another key did not sign it, and a signature over a file lists no directory")
    func others() async throws {
        let model = try SignedModelFixture()
        try model.sign()
        let other = P256.Signing.PrivateKey().publicKey.pemRepresentation
        try model.scratch.write("key.pub", other)
        let outcome = await model.verify()
        #expect(outcome.status == 11)
        #expect(outcome.out.contains("signature_invalid"))
        try model.scratch.write(
            "model/model.sig",
            """
            {"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial":{"publicKey":{"hint":""}},"messageSignature":{"signature":"AAAA"}}
            """)
        #expect(await model.verify().status == 11)
    }
}

import Inspection
import ModelFormats
import Testing

@Suite("Secrets in texts")
struct SecretInspectionTests {
    private static let rules: Set<RuleID> = [
        .secretPrivateKey, .secretEncryptedKey, .secretToken, .secretInAddress, .secretValue,
    ]

    private func secrets(_ sample: Sample) -> [Finding] {
        sample.inspect().findings.filter { Self.rules.contains($0.rule) }
    }

    private func secrets(_ text: String, name: String = "notes.txt") -> [Finding] {
        secrets(Sample("text", name: name, text: text))
    }

    @Test(
        "Credentials of each kind are found once, where they are, and are not repeated",
        arguments: [1, 2, 3] as [UInt64])
    func tokens(seed: UInt64) {
        var builder = SecretBuilder(seed: seed)
        for token in builder.tokens() {
            let start = "# notes\n\nlogin with '"
            let sample = Sample(token, name: "notes.md", text: start + token + "' and go on\n")
            let found = secrets(sample)
            #expect(found.map(\.rule) == [.secretToken], "\(token)")
            #expect(found.first?.place.offset == UInt64(start.utf8.count), "\(token)")
            #expect(found.first?.detail.hasSuffix("line 3") == true, "\(token)")
            let report = String(decoding: sample.inspect().encoded(), as: UTF8.self)
            #expect(!report.contains(token.suffix(10)), "\(token)")
        }
    }

    @Test("A credential that is cut, longer, in the middle of a word, or has another checksum is none")
    func nearMisses() {
        var builder = SecretBuilder()
        let token = builder.checked("ghp_")
        for text in [
            String(token.dropLast()), token + "A", "x" + token, String(token.dropLast()) + "_",
            "ghp_" + builder.word(36), token.uppercased(), "hf_" + builder.word(33), "hf_" + builder.word(60),
        ] {
            #expect(secrets("token: \(text)\n").isEmpty, "\(text)")
        }
    }

    @Test(
        "What people write in place of a secret is none",
        arguments: [
            "hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "hf_abcdefghijklmnopqrstuvwxyzABCDEFGH", "HF_TOKEN=\"hf_...\"",
            "api_key=\"YOUR_API_KEY\"", "api_key = os.getenv(\"OPENAI_API_KEY\")", "api_key=\"EMPTY\"",
            "api_key=\"sk-no-key-required\"", "AKIAIOSFODNN7EXAMPLE", "client_secret=${CLIENT_SECRET}",
            "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "password: str = \"...\"",
            "secret_key = \"{{ secret_key }}\"", "password=\"correct horse battery\"", "password = \"hunter2\"",
            "postgres://user:password@db.corp.net:5432/db", "https://user:pass@example.com",
            "https://user:$TOKEN@host.net", "mysql://root:root@db.corp.net", "redis://:Zk3mQ92kdq@localhost:6379",
            "https://huggingface.co:443/x@y.z", "ssh://git@github.com:22/x", "git@github.com:org/repo.git",
            "\"bos_token\": \"<|begin_of_text|>\"", "\"eos_token_id\": 128009",
            "\"api_key\": \"1b4e28ba-2fa1-11d2-883f-0016d3cca427\"", "access_token=access_token",
            "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n", "password == \"Abcdefgh12345xY\"",
            "api_key: \"model.layers.0.self_attn.q_proj\"",
            // The example of jwt.io, in pieces.
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
                + "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ."
                + "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
        ])
    func placeholders(text: String) {
        #expect(secrets(text).isEmpty)
    }

    @Test("Values of what is called secret are found in programs, settings and JSON")
    func values() {
        var builder = SecretBuilder()
        let key = builder.word(32)
        let aws = builder.base64(40)
        let azure = builder.base64(86) + "=="
        for text in [
            "api_key = \"\(key)\"", "apiKey: '\(key)'", "OPENAI_API_KEY=\(key)\n", "{\"client_secret\": \"\(key)\"}",
            "{\"source\": [\"api_key = \\\"\(key)\\\"\\n\"]}", "config['secret_key'] = '\(key)'",
            "AUTH_TOKEN => \"\(key)\"", "{\"password\":\"hK9#vTz2!mQx\"}",
        ] {
            #expect(secrets(text, name: "a.txt").map(\.rule) == [.secretValue], "\(text)")
        }
        for text in [
            "aws_secret_access_key = \(aws)\n", "\"AWS_SECRET_ACCESS_KEY\": \"\(aws)\"",
            "AccountName=x;AccountKey=\(azure);EndpointSuffix=core.windows.net",
        ] {
            #expect(secrets(text).map(\.rule) == [.secretToken], "\(text)")
        }
        // One secret is one finding.
        #expect(secrets("hf_token = \"hf_\(builder.word(34))\"").map(\.rule) == [.secretToken])
        #expect(secrets("https://me:\(builder.checked("ghp_"))@github.com/x").map(\.rule) == [.secretToken])
    }

    @Test("Passwords in addresses are found, with the scheme and without the user")
    func addresses() {
        let found = secrets("url: postgresql://bob:tr0ub4dor3@db.corp.net:5432/x\n")
        #expect(found.map(\.rule) == [.secretInAddress])
        #expect(found.first?.detail == "password in an address: postgresql://… (10 characters), line 1")
    }

    @Test("Private keys are told from those under a password")
    func privateKeys() {
        var builder = SecretBuilder()
        #expect(secrets(builder.privateKey()).map(\.rule) == [.secretPrivateKey])
        #expect(secrets(builder.privateKey("RSA PRIVATE KEY")).map(\.rule) == [.secretPrivateKey])
        #expect(secrets(builder.privateKey("ENCRYPTED PRIVATE KEY")).map(\.rule) == [.secretEncryptedKey])
        let header = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n"
        #expect(secrets(builder.privateKey("RSA PRIVATE KEY", header: header)).map(\.rule) == [.secretEncryptedKey])
        let open = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n"
        let sealed = "b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABDPxb2U5f\n"
        #expect(
            secrets(builder.privateKey("OPENSSH PRIVATE KEY", header: open)).map(\.rule) == [.secretPrivateKey])
        #expect(
            secrets(builder.privateKey("OPENSSH PRIVATE KEY", header: sealed)).map(\.rule) == [.secretEncryptedKey])
        // As a service account has it.
        let escaped = builder.privateKey().split(separator: "\n").joined(separator: #"\n"#)
        #expect(secrets(#"{"private_key": "\#(escaped)\n"}"#, name: "sa.json").map(\.rule) == [.secretPrivateKey])
        #expect(secrets(builder.privateKey("PUBLIC KEY")).isEmpty)
        #expect(secrets(builder.privateKey("CERTIFICATE")).isEmpty)
    }

    @Test("A credential is found once wherever in a large text it is")
    func windows() {
        var builder = SecretBuilder()
        let token = builder.checked("ghp_")
        for start in stride(from: (256 << 10) - 4_300, to: (256 << 10) + 700, by: 31) {
            let text =
                String(repeating: "a line of text\n", count: start / 15) + String(repeating: " ", count: start % 15)
            let found = secrets(text + token + "\n" + String(repeating: "x\n", count: 200_000))
            #expect(found.map(\.place.offset) == [UInt64(start)])
            #expect(found.first?.detail.hasSuffix(", line \(start / 15 + 1)") == true)
        }
    }

    @Test("Only so many are listed, and that there are more is said")
    func limit() {
        var builder = SecretBuilder()
        let text = (0..<30).map { _ in builder.checked("npm_") }.joined(separator: "\n")
        let report = Sample("many", name: "a.txt", text: text).inspect()
        #expect(report.findings.count { $0.rule == .secretToken } == 20)
        #expect(report.findings.last?.rule == .reportTruncated)
    }

    @Test("Credentials are found in what is no text file, too")
    func parts() {
        var builder = SecretBuilder()
        let token = builder.checked("ghp_")
        let samples: [Sample] = [
            .gguf("GGUF") { $0.string("general.description", "made with \(token)") },
            .safetensors(
                "metadata",
                #"{"__metadata__":{"note":"\#(token)"},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#),
            .json("config", #"{"a":["\#(token)"]}"#),
            .template("{{ '\(token)' }}"),
            Sample("pickle", name: "m.pkl", PickleBuilder.stream { $0.text(token) }),
            .onnx("ONNX", ONNXBuilder.model(more: { $0.entry(14, "note", token) })),
            Sample("notebook", name: "a.ipynb", text: #"{"cells":[{"source":["x = \"\#(token)\"\n"]}]}"#),
            .zip("member", [.init("notes.txt", Array("\(token)\n".utf8))]),
        ]
        for sample in samples {
            #expect(secrets(sample).map(\.rule) == [.secretToken], "\(sample.title)")
        }
    }

    @Test("What else is reported about a file does not repeat them either")
    func reports() throws {
        var builder = SecretBuilder()
        let token = builder.checked("ghp_")
        let samples: [Sample] = [
            .json("a finding", #"{"auto_map":{"a":"\#(token)"}}"#), .json("a fact", #"{"model_type":"\#(token)"}"#),
            .json("a name", #"{"\#(token)":{"trust_remote_code":true}}"#),
            .zip("a member", [.init("a\\\(token).txt", [0x61])]),
        ]
        let tail = token.suffix(12)
        for sample in samples {
            let report = String(decoding: sample.inspect().encoded(), as: UTF8.self)
            #expect(!report.contains(tail), "\(sample.title)")
        }
        #expect(samples[1].inspect()[.modelType] == "ghp_…")
    }

    @Test("Vocabularies, hashes and pointers are no secrets")
    func ordinary() {
        var builder = SecretBuilder()
        let words = ["password", "api_key", "secret_key", "://", "-----BEGIN", "sk-", "AKIA", "hf_", "eyJ"]
        let vocabulary = (words + (0..<3_000).map { builder.word(1 + $0 % 14) }).enumerated()
            .map { #""\#($0.element)\#($0.offset)": \#($0.offset)"# }.joined(separator: ",\n")
        let samples: [Sample] = [
            .json("tokenizer", "{\"model\":{\"vocab\":{\(vocabulary)}}}", name: "tokenizer.json"),
            Sample(
                "tiktoken", name: "cl100k.tiktoken",
                text: (0..<2_000).map { "\(builder.base64(4 * (1 + $0 % 6))) \($0)\n" }.joined()),
            Sample(
                "hashes", name: "SHA256SUMS",
                text: (0..<200).map { "\(builder.hexadecimal(64))  model-\($0).safetensors\n" }.joined()),
            .json("commit", #"{"_commit_hash":"\#(builder.hexadecimal(40))","etag":"\#(builder.hexadecimal(64))"}"#),
            Sample("image", name: "README.md", text: "![x](data:image/png;base64,\(builder.base64(4_000)))\n"),
        ]
        for sample in samples {
            #expect(sample.inspect().findings.map(\.rule) == [], "\(sample.title)")
        }
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:\(builder.hexadecimal(64))\nsize 1\n"
        #expect(secrets(pointer, name: "m.bin").isEmpty)
    }
}

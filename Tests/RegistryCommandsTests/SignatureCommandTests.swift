import Foundation
import RegistryCommands
import StrictJSON
import Testing

@Suite("verify with bundles")
struct SignatureCommandTests {
    private let vectors = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Vectors/sigstore")
    private static let identity = "https://github.com/acme/models/.github/workflows/release.yml@refs/heads/main"
    private static let issuer = "https://token.actions.githubusercontent.com"
    private static let digest = "sha256:7d44c355fb8ac3baeb63dc68d09a47568764c4d78884c932c62454733ffecf55"

    private func path(_ name: String) -> String { vectors.appending(path: name).standardizedFileURL.path }

    private func verify(
        _ bundles: [String], subject: String? = nil, root: String? = "trusted_root.json",
        _ rest: [String] = ["--certificate-identity", identity, "--certificate-oidc-issuer", issuer]
    ) async -> Outcome {
        var arguments = ["verify", subject ?? path("artifact")]
        for bundle in bundles { arguments += ["--bundle", path("\(bundle).json")] }
        if let root { arguments += ["--trusted-root", path(root)] }
        return await securectl(arguments + rest)
    }

    private func key(_ scratch: Scratch, of name: String) throws -> String {
        let cases = try Data(contentsOf: vectors.appending(path: "cases.json"))
        let limits = JSONLimits(bytesMax: 1 << 20, nodesMax: 1 << 16, stringBytesMax: 1 << 16)
        let list = try #require(try StrictJSON.parse(Array(cases), limits: limits).asArray)
        let entry = try #require(list.first { $0.asObject?["name"]?.asString == name })
        return try scratch.write("key.pub", Array(try #require(entry.asObject?["key"]?.asString).utf8))
    }

    @Test("A file or its digest with a bundle about it: who signed, when, and what was not checked")
    func accepts() async throws {
        for subject in [nil, Self.digest] {
            let outcome = await verify(["k-dsse-rekor1"], subject: subject)
            #expect(outcome.status == 0, "\(outcome.err)")
            for text in [
                Self.identity, Self.issuer, "2026-11-01T", "rekor.sigstore.test", "cosign/sign/v1", "Not checked",
            ] {
                #expect(outcome.out.contains(text))
            }
        }
        let json = await verify(["k-msg-rekor1"], Self.identityOptions + ["-o", "json"])
        #expect(json.json?.asObject?["status"]?.asString == "verified")
        #expect(json.json?.asObject?["signers"] == 1)
    }

    private static let identityOptions = ["--certificate-identity", identity, "--certificate-oidc-issuer", issuer]

    private func verify(_ bundles: [String], _ rest: [String]) async -> Outcome {
        await verify(bundles, subject: nil, rest)
    }

    @Test("A bundle that does not verify is bad, and says why by a name that stays")
    func refuses() async throws {
        for (name, reason) in [("n-bad-set", "inclusion_promise_invalid"), ("n-not-object", "bundle_malformed")] {
            let outcome = await verify([name])
            #expect(outcome.status == 11)
            #expect(outcome.out.contains(reason))
            let json = await verify([name], Self.identityOptions + ["-o", "json"])
            #expect(json.status == 11)
            let row = json.json?.asObject?["bundles"]?.asArray?.first?.asObject
            #expect(row?["reason"]?.asString == reason)
        }
        let late = await verify(["k-msg-rekor1"], Self.identityOptions + ["--not-before", "2027-01-01T00:00:00Z"])
        #expect(late.status == 11)
        #expect(late.out.contains("signed_before_cutoff"))
        let type = await verify(["k-dsse-rekor1"], Self.identityOptions + ["--type", "https://slsa.dev/provenance/v1"])
        #expect(type.status == 11)
        #expect(await verify(["k-msg-rekor1"], subject: path("cases.json")).status == 11)
    }

    @Test("What could not be checked is neither good nor bad")
    func undecided() async throws {
        #expect(await verify(["k-msg-p521"], subject: Self.digest).status == 12)
        #expect(await verify(["k-msg-rekor1"], root: nil).status == 12)
        #expect(await verify(["k-msg-rekor1"], root: "cases.json").status == 12)
    }

    @Test("Regular expressions match as a whole")
    func expressions() async throws {
        func status(_ identity: String, _ issuer: String) async -> Int32 {
            await verify(
                ["k-msg-rekor1"],
                ["--certificate-identity-regexp", identity, "--certificate-oidc-issuer-regexp", issuer]
            ).status
        }
        #expect(await status("https://github\\.com/acme/.*", "https://.*") == 0)
        #expect(await status("github\\.com/acme/.*", "https://.*") == 11)
        #expect(await status("https://github\\.com/acme", "https://.*") == 11)
        #expect(await status("(", "https://.*") == 64)
    }

    @Test("The same signer twice is one; a bundle that fails does not take away one that verifies")
    func thresholds() async throws {
        let two = Self.identityOptions + ["--threshold", "2"]
        #expect(await verify(["k-msg-rekor1", "k-msg-rekor2"], two).status == 11)
        #expect(await verify(["k-msg-rekor1", "n-bad-set"], Self.identityOptions).status == 0)
        let scratch = try Scratch()
        let key = try key(scratch, of: "key-msg-rekor1")
        #expect(await verify(["key-msg-rekor1"], ["--key", key]).status == 0)
        #expect(await verify(["key-msg-rekor1"], ["--key", key, "--threshold", "2"]).status == 11)
        #expect(await verify(["k-msg-rekor1"], ["--key", key]).status == 11)
    }

    @Test("Half a question is not answered")
    func usage() async throws {
        for rest in [
            [], ["--certificate-identity", "a"], ["--certificate-oidc-issuer", "a"],
            Self.identityOptions + ["--key", "k"], Self.identityOptions + ["--certificate-identity-regexp", "a"],
            Self.identityOptions + ["--threshold", "0"], Self.identityOptions + ["--not-before", "yesterday"],
            Self.identityOptions + ["--all"], Self.identityOptions + ["--tensors"],
        ] {
            #expect(await verify(["k-msg-rekor1"], rest).status == 64, "\(rest)")
        }
        #expect(await securectl(["verify", "a", "--key", "k"]).status == 64)
        #expect(await securectl(["verify", "./no name"]).status == 64)
        #expect(await verify(["missing"]).status == 66)
        #expect(await verify(["k-msg-rekor1"], subject: "missing").status == 66)
    }

    @Test("The conformance protocol answers by its status")
    func conformance() async throws {
        func run(_ bundle: String, _ rest: [String]) async -> Int32 {
            let fixed = [
                "verify-bundle", "--bundle", path("\(bundle).json"), "--trusted-root", path("trusted_root.json"),
            ]
            return await securectl(fixed + rest).status
        }
        #expect(await run("k-msg-rekor1", Self.identityOptions + [path("artifact")]) == 0)
        #expect(await run("k-msg-rekor1", Self.identityOptions + ["--staging", Self.digest]) == 0)
        #expect(await run("n-bad-set", Self.identityOptions + [path("artifact")]) == 11)
        let scratch = try Scratch()
        let key = try key(scratch, of: "key-dsse-rekor1")
        #expect(await run("key-dsse-rekor1", ["--key", key, path("artifact")]) == 0)
        #expect(await run("k-msg-rekor1", [path("artifact")]) == 64)
    }
}

import enum Crypto.P256
import Foundation
import OCI
import RegistryCore
import RegistryPorts
import RegistryTesting
import Sigstore
import StrictJSON
import Testing

/// Somebody who signs with a key of their own.
struct TestSigner {
    let key = P256.Signing.PrivateKey()

    /// The lines of a policy's `keys`, indented.
    var policyKey: String {
        "      - |\n" + key.publicKey.pemRepresentation.split(separator: "\n").map { "        \($0)\n" }.joined()
    }

    /// A bundle with a statement about what has these digests.
    func bundle(
        about digests: [Digest], type: String = PredicateType.imageSignature, predicate: JSONValue = [:]
    ) throws -> [UInt8] {
        let subjects = digests.map { digest -> JSONValue in ["digest": ["sha256": .string(digest.hex)]] }
        let statement: JSONValue = [
            "_type": "https://in-toto.io/Statement/v1", "subject": .array(subjects), "predicateType": .string(type),
            "predicate": predicate,
        ]
        let (payload, payloadType) = (statement.encoded(), "application/vnd.in-toto+json")
        let encoding = Array("DSSEv1 \(payloadType.utf8.count) \(payloadType) \(payload.count) ".utf8) + payload
        let signature = try key.signature(for: Data(encoding)).derRepresentation
        return JSONValue.object([
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": ["publicKey": ["hint": "test"]],
            "dsseEnvelope": [
                "payload": .string(Data(payload).base64EncodedString()), "payloadType": .string(payloadType),
                "signatures": [["sig": .string(signature.base64EncodedString())]],
            ],
        ]).encoded()
    }

    /// An OpenSSF signature over a model's files.
    func modelSignature(of files: [(name: String, digest: Digest)], leavingOut ignored: [String] = []) throws -> [UInt8]
    {
        let root = try Digest(hashing: files.flatMap(\.digest.bytes))
        return try bundle(
            about: [root], type: PredicateType.modelSignature,
            predicate: [
                "serialization": [
                    "method": "files", "hash_type": "sha256", "allow_symlinks": false,
                    "ignore_paths": .array(ignored.map { .string($0) }),
                ],
                "resources": .array(
                    files.map { file -> JSONValue in
                        [
                            "name": .string(file.name), "algorithm": "sha256", "digest": .string(file.digest.hex),
                        ]
                    }),
            ])
    }
}

/// Policies that ask for signatures, and admit whatever has them.
enum SigningPolicy {
    static func asking(_ verification: String, action: String = "quarantine") -> String {
        """
        pratique: policy/v1
        name: signed
        version: "1"
        rules:
          - { id: all, effect: admit, when: { verdict: clean }, message: All. }
        on_recheck_failure: \(action)
        verification:
        \(verification)
        """
    }

    static func keys(_ signers: [TestSigner], _ more: String = "", action: String = "quarantine") -> String {
        asking("    keys:\n\(signers.map(\.policyKey).joined())\(more)", action: action)
    }

    /// Of the instance that the files in `Tests/Vectors/sigstore` were made with.
    static func keyless(_ more: String = "", identity: String = identity) -> String {
        asking("    issuer: https://token.actions.githubusercontent.com\n    identity: \(identity)\n\(more)")
    }

    static let identity = "https://github.com/acme/models/.github/workflows/release.yml@refs/heads/main"
}

/// A trusted root of a test, or none.
struct FixedTrust: TrustRootSource {
    var result: Result<KnownTrustRoot, TrustRootFault>

    static func made() throws -> FixedTrust {
        let bytes = try SignedVectors.read("trusted_root.json")
        return FixedTrust(
            result: .success(
                KnownTrustRoot(root: try TrustedRoot(parsing: bytes), digest: try Digest(hashing: bytes).description)))
    }

    func current() async throws(TrustRootFault) -> KnownTrustRoot { try result.get() }
}

enum SignedVectors {
    static func read(_ name: String) throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Vectors/sigstore")
        return Array(try Data(contentsOf: folder.appending(path: name)))
    }
}

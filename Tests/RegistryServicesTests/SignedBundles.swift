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
        try modelSignature(
            [
                "method": "files", "hash_type": "sha256", "allow_symlinks": false,
                "ignore_paths": .array(ignored.map { .string($0) }),
            ], files.map { (name: $0.name, algorithm: "sha256", digest: $0.digest) })
    }

    /// The same over parts of files of `size` bytes each.
    func modelSignature(ofParts size: Int, of files: [(name: String, bytes: [UInt8])]) throws -> [UInt8] {
        let parts = try files.flatMap { file in
            try stride(from: 0, to: file.bytes.count, by: size).map { start in
                let end = min(start + size, file.bytes.count)
                return (
                    name: "\(file.name):\(start):\(end)", algorithm: "sha256-sharded-\(size)",
                    digest: try Digest(hashing: Array(file.bytes[start..<end]))
                )
            }
        }
        return try modelSignature(
            [
                "method": "shards", "hash_type": "sha256", "allow_symlinks": false, "ignore_paths": [],
                "shard_size": .number(JSONNumber(UInt64(size))),
            ], parts)
    }

    private func modelSignature(
        _ serialization: JSONValue, _ resources: [(name: String, algorithm: String, digest: Digest)]
    ) throws -> [UInt8] {
        let root = try Digest(hashing: resources.flatMap(\.digest.bytes))
        return try bundle(
            about: [root], type: PredicateType.modelSignature,
            predicate: [
                "serialization": serialization,
                "resources": .array(
                    resources.map { resource -> JSONValue in
                        [
                            "name": .string(resource.name), "algorithm": .string(resource.algorithm),
                            "digest": .string(resource.digest.hex),
                        ]
                    }),
            ])
    }

    /// A signature in cosign's older form: the payload, and what its layer says.
    func simpleSignature(of manifest: Digest) throws -> (payload: [UInt8], annotations: [String: String]) {
        let payload =
            ([
                "critical": [
                    "identity": ["docker-reference": ""],
                    "image": ["docker-manifest-digest": .string(manifest.description)],
                    "type": "cosign container image signature",
                ], "optional": .null,
            ] as JSONValue).encoded()
        let signature = try key.signature(for: Data(payload)).derRepresentation
        return (payload, ["dev.cosignproject.cosign/signature": signature.base64EncodedString()])
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

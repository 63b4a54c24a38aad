import DER
import Foundation
import SignatureKeys
import Sigstore
import StrictJSON
import Testing

/// Bundles of an instance that was made for tests, with what has to become of each: `Tests/Vectors/sigstore`.
struct SigstoreVectors {
    struct Case: CustomTestStringConvertible {
        let name: String
        let why: String
        let bundle: [UInt8]
        let root: [UInt8]
        let identity: String
        let issuer: String
        let key: String?
        let notBefore: String?
        /// `nil` if it has to be accepted.
        let reason: FailureReason?
        /// Whether the digest by SHA-256 alone does not say enough.
        let needsMore: Bool

        var testDescription: String { name }

        var policy: VerificationPolicy {
            get throws {
                let signer: VerificationPolicy.Signer
                if let key {
                    signer = .key(try VerificationKey(pem: Array(key.utf8)))
                } else {
                    signer = .identity(.exactly(identity), issuer: .exactly(issuer))
                }
                return VerificationPolicy(
                    signer: signer, notBefore: try notBefore.map { try #require(UnixTime(rfc3339: $0)) })
            }
        }
    }

    static let artifact: [UInt8] = (try? read("artifact")) ?? []

    static let cases: [Case] = (try? readCases()) ?? []

    static var accepted: [Case] { cases.filter { $0.reason == nil } }

    static func named(_ name: String) throws -> Case {
        try #require(cases.first { $0.name == name })
    }

    static func verify(_ vector: Case) throws -> VerifiedBundle {
        try verify(vector, bundle: vector.bundle)
    }

    static func verify(
        _ vector: Case, bundle: [UInt8], root: [UInt8]? = nil, artifact: Artifact? = nil
    ) throws -> VerifiedBundle {
        let verifier = BundleVerifier(root: try TrustedRoot(parsing: root ?? vector.root))
        return try verifier.verify(
            try UnverifiedBundle(parsing: bundle), of: artifact ?? Artifact(bytes: Self.artifact),
            by: try vector.policy)
    }

    private static func read(_ name: String) throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Vectors/sigstore")
        return Array(try Data(contentsOf: folder.appending(path: name)))
    }

    private static func readCases() throws -> [Case] {
        let limits = JSONLimits(bytesMax: 1 << 20, nodesMax: 1 << 16, stringBytesMax: 1 << 16)
        let list = try #require(try StrictJSON.parse(read("cases.json"), limits: limits).asArray)
        return try list.map { value in
            var fields = try FieldReader(value)
            let name = try fields.requiredString("name")
            let reason = try fields.optionalString("reason")
            return try Case(
                name: name, why: fields.requiredString("why"), bundle: read("\(name).json"),
                root: read(fields.requiredString("root")), identity: fields.requiredString("identity"),
                issuer: fields.requiredString("issuer"), key: fields.optionalString("key"),
                notBefore: fields.optionalString("not_before"),
                reason: reason.map { try #require(FailureReason(rawValue: $0)) },
                needsMore: fields.requiredBool("path_only"))
        }
    }
}

func reason(_ body: () throws -> Void) -> FailureReason? {
    #expect(throws: VerificationFailure.self) { try body() }?.reason
}

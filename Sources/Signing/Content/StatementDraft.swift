public import StrictJSON
internal import Attestation
internal import SignatureKeys

/// A statement that is to be signed (in-toto attestation framework, Statement v1).
public struct StatementDraft: Sendable {
    public struct Subject: Sendable {
        public var name: String?
        /// 32 bytes.
        public var sha256: [UInt8]

        public init(name: String?, sha256: [UInt8]) {
            self.name = name
            self.sha256 = sha256
        }
    }

    public var subjects: [Subject]
    public var predicateType: String
    public var predicate: JSONValue

    public init(subjects: [Subject], predicateType: String, predicate: JSONValue) {
        self.subjects = subjects
        self.predicateType = predicateType
        self.predicate = predicate
    }

    /// The payload of an envelope.
    public func encoded() -> [UInt8] {
        let subjects: [JSONValue] = subjects.map { subject in
            let digest: JSONValue = ["sha256": .string(Hexadecimal.encode(subject.sha256))]
            return .object(JSONObject(present: [("name", subject.name.map(JSONValue.string)), ("digest", digest)]))
        }
        let statement: JSONValue = [
            "_type": .string(Statement.Version.v1.rawValue), "subject": .array(subjects),
            "predicateType": .string(predicateType), "predicate": predicate,
        ]
        return statement.encoded()
    }
}

extension StatementDraft {
    /// What cosign states about images that it signs: that it does.
    public static let imageSignatureType = "https://sigstore.dev/cosign/sign/v1"

    /// The signature of an image or another artifact in a registry, as cosign 3 makes them.
    public static func imageSignature(manifestSHA256 digest: [UInt8]) -> StatementDraft {
        StatementDraft(
            subjects: [Subject(name: nil, sha256: digest)], predicateType: imageSignatureType, predicate: [:])
    }
}

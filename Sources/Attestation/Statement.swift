public import StrictJSON

/// What is said about which artifacts (in-toto attestation framework, Statement v1 and v0.1).
public struct Statement: Sendable, Hashable {
    public enum Version: String, Sendable, Hashable, CaseIterable {
        case v01 = "https://in-toto.io/Statement/v0.1"
        case v1 = "https://in-toto.io/Statement/v1"
    }

    public let version: Version

    /// Never empty.
    public let subjects: [Subject]

    /// A URI that says what the predicate means.
    public let predicateType: String

    /// Empty if the statement has none.
    public let predicate: JSONObject

    public static let limits = JSONLimits(
        bytesMax: 16 << 20, nodesMax: 1 << 18, stringBytesMax: 4 << 20, openNamesMax: 1 << 16)

    /// Most subjects that are read.
    public static let subjectsMax = 1_024

    /// Reads a payload of the type `application/vnd.in-toto+json`. Unknown members are ignored.
    public init(parsing payload: [UInt8]) throws(AttestationFault) {
        let value: JSONValue
        do {
            value = try StrictJSON.parse(payload, limits: Self.limits)
        } catch {
            throw .invalidJSON(error)
        }
        guard let object = value.asObject, let type = object["_type"]?.asString,
            let version = Version.allCases.first(where: { $0.rawValue.utf8.elementsEqual(type.utf8) })
        else { throw .unknownStatementType }
        guard let predicateType = object["predicateType"]?.asString, !predicateType.isEmpty else {
            throw .malformed("predicateType")
        }
        guard let elements = object["subject"]?.asArray, !elements.isEmpty else { throw .malformed("subject") }
        guard elements.count <= Self.subjectsMax else { throw .limitExceeded("subjects") }
        let predicate = object["predicate"] ?? .null
        guard predicate.isNull || predicate.asObject != nil else { throw .malformed("predicate") }
        var subjects: [Subject] = []
        for element in elements { subjects.append(try Subject(element)) }
        self.version = version
        self.subjects = subjects
        self.predicateType = predicateType
        self.predicate = predicate.asObject ?? JSONObject()
    }
}

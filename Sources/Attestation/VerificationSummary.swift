public import SignatureKeys
public import StrictJSON

/// What a verifier found when it held an artifact against a policy (SLSA 1.1, verification summary, predicate
/// `https://slsa.dev/verification_summary/v1`).
///
/// Being read says nothing about who signed it: read it from a statement that was verified.
public struct VerificationSummary: Sendable, Hashable {
    public enum Result: String, Sendable, Hashable, CaseIterable {
        case passed = "PASSED"
        case failed = "FAILED"
    }

    /// A policy or an attestation (in-toto, ResourceDescriptor).
    public struct Resource: Sendable, Hashable {
        public var uri: String?
        /// By hash functions that are known here.
        public var digests: [HashAlgorithm: [UInt8]]

        public init(uri: String?, digests: [HashAlgorithm: [UInt8]]) {
            self.uri = uri
            self.digests = digests
        }
    }

    /// URI of who verified.
    public var verifierID: String
    /// RFC 3339; optional since 1.1.
    public var timeVerified: String?
    /// What the artifact was verified as: where consumers fetch it.
    public var resourceURI: String
    /// Has a URI, and should have a digest.
    public var policy: Resource
    /// All attestations that were used, each with a digest.
    public var inputAttestations: [Resource]
    public var result: Result
    /// At most one of each track of SLSA; names that do not begin with `SLSA_` are the verifier's own.
    public var verifiedLevels: [String]
    /// `MAJOR.MINOR`.
    public var slsaVersion: String?
    /// Members whose names are URIs: what verifiers add.
    public var extensions: JSONObject

    public static let predicateType = "https://slsa.dev/verification_summary/v1"

    /// Most attestations and levels that are read.
    public static let attestationsMax = 1_024
    public static let levelsMax = 64

    public init(
        verifierID: String, timeVerified: String?, resourceURI: String, policy: Resource,
        inputAttestations: [Resource], result: Result, verifiedLevels: [String], slsaVersion: String?,
        extensions: JSONObject = JSONObject()
    ) {
        self.verifierID = verifierID
        self.timeVerified = timeVerified
        self.resourceURI = resourceURI
        self.policy = policy
        self.inputAttestations = inputAttestations
        self.result = result
        self.verifiedLevels = verifiedLevels
        self.slsaVersion = slsaVersion
        self.extensions = extensions
    }

    /// - Throws: `.unsupported` for another predicate; `.malformed` for what is required and absent, and for levels
    ///   that contradict the result or each other.
    public init(_ statement: Statement) throws(AttestationFault) {
        guard statement.version == .v1, statement.predicateType.utf8.elementsEqual(Self.predicateType.utf8) else {
            throw .unsupported("another predicate")
        }
        let predicate = statement.predicate
        verifierID = try Self.text(predicate["verifier"]?.asObject?["id"], "verifier.id")
        timeVerified = try Self.optionalText(predicate["timeVerified"], "timeVerified")
        resourceURI = try Self.text(predicate["resourceUri"], "resourceUri")
        policy = try Resource(predicate["policy"] ?? .null, "policy")
        guard policy.uri != nil else { throw .malformed("policy.uri") }
        guard let inputs = (predicate["inputAttestations"] ?? .array([])).asArray else {
            throw .malformed("inputAttestations")
        }
        guard inputs.count <= Self.attestationsMax else { throw .limitExceeded("input attestations") }
        var attestations: [Resource] = []
        for input in inputs {
            let resource = try Resource(input, "inputAttestations")
            guard !resource.digests.isEmpty else { throw .malformed("inputAttestations.digest") }
            attestations.append(resource)
        }
        inputAttestations = attestations
        guard let result = predicate["verificationResult"]?.asString.flatMap(Result.init(rawValue:)) else {
            throw .malformed("verificationResult")
        }
        self.result = result
        verifiedLevels = try Self.levels(predicate["verifiedLevels"], result)
        slsaVersion = try Self.optionalText(predicate["slsaVersion"], "slsaVersion")
        extensions = JSONObject(
            predicate.members.filter { $0.name.utf8.contains(UInt8(ascii: ":")) }.map { ($0.name, $0.value) })
    }

    private static func levels(_ value: JSONValue?, _ result: Result) throws(AttestationFault) -> [String] {
        guard let elements = value?.asArray else { throw .malformed("verifiedLevels") }
        guard elements.count <= levelsMax else { throw .limitExceeded("levels") }
        let levels = elements.compactMap(\.asString)
        let tracks = levels.compactMap { SLSALevel($0)?.track }
        guard levels.count == elements.count, levels.allSatisfy({ !$0.isEmpty }), Set(tracks).count == tracks.count,
            levels.contains(Result.failed.rawValue) == (result == .failed)
        else { throw .malformed("verifiedLevels") }
        return levels
    }

    private static func text(_ value: JSONValue?, _ field: String) throws(AttestationFault) -> String {
        guard let text = value?.asString, !text.isEmpty else { throw .malformed(field) }
        return text
    }

    private static func optionalText(_ value: JSONValue?, _ field: String) throws(AttestationFault) -> String? {
        guard let value, !value.isNull else { return nil }
        return try text(value, field)
    }

    /// Whether a level was reached: by its name, or by a higher one of the same track of SLSA.
    public func reaches(_ level: String) -> Bool {
        if verifiedLevels.contains(level) { return true }
        guard let wanted = SLSALevel(level), let number = wanted.number else { return false }
        return verifiedLevels.contains { verified in
            guard let reached = SLSALevel(verified), let reachedNumber = reached.number else { return false }
            return reached.track == wanted.track && reachedNumber >= number
        }
    }
}

/// A level as SLSA names it: `SLSA_BUILD_LEVEL_2`, or `SLSA_BUILD_LEVEL_UNEVALUATED`, which is no number.
private struct SLSALevel {
    let track: String
    let number: Int?

    init?(_ text: String) {
        guard text.hasPrefix("SLSA_"), let mark = text.range(ofLast: "_LEVEL_") else { return nil }
        track = String(text[..<mark.lowerBound])
        let rest = text[mark.upperBound...]
        // One digit: a larger number is none that SLSA has.
        number = rest.utf8.count == 1 ? Int(rest) : nil
    }
}

extension String {
    fileprivate func range(ofLast part: String) -> Range<Index>? {
        ranges(of: part).last
    }
}

extension VerificationSummary.Resource {
    fileprivate init(_ value: JSONValue, _ field: String) throws(AttestationFault) {
        guard let object = value.asObject else { throw .malformed(field) }
        let uri = object["uri"] ?? .null
        guard uri.isNull || uri.asString?.isEmpty == false else { throw .malformed("\(field).uri") }
        self.uri = uri.asString
        let set = object["digest"] ?? .null
        digests = set.isNull ? [:] : try Subject(.object(["digest": set])).digests
    }

    fileprivate var json: JSONValue {
        .object(JSONObject(present: [("uri", uri.map(JSONValue.string)), ("digest", Subject.digestSet(digests))]))
    }
}

extension VerificationSummary {
    /// The predicate.
    public var json: JSONValue {
        .object(
            JSONObject(
                present: [
                    ("verifier", ["id": .string(verifierID)]),
                    ("timeVerified", timeVerified.map(JSONValue.string)),
                    ("resourceUri", .string(resourceURI)),
                    ("policy", policy.json),
                    ("inputAttestations", .array(inputAttestations.map(\.json))),
                    ("verificationResult", .string(result.rawValue)),
                    ("verifiedLevels", .array(verifiedLevels.map(JSONValue.string))),
                    ("slsaVersion", slsaVersion.map(JSONValue.string)),
                ] + extensions.members.map { ($0.name, $0.value) }))
    }

    /// The payload of an envelope: a Statement v1 about these artifacts.
    public func statement(
        about subjects: [(name: String, digests: [HashAlgorithm: [UInt8]])]
    ) -> [UInt8] {
        let subjects: [JSONValue] = subjects.map { subject in
            ["name": .string(subject.name), "digest": Subject.digestSet(subject.digests)]
        }
        let statement: JSONValue = [
            "_type": .string(Statement.Version.v1.rawValue), "subject": .array(subjects),
            "predicateType": .string(Self.predicateType), "predicate": json,
        ]
        return statement.encoded()
    }
}

extension Subject {
    /// Digests in the order of the names of their functions (in-toto, DigestSet).
    fileprivate static func digestSet(_ digests: [HashAlgorithm: [UInt8]]) -> JSONValue {
        let members = digests.map { ($0.key.rawValue, JSONValue.string(Hexadecimal.encode($0.value))) }
        return .object(JSONObject(members.sorted { $0.0 < $1.0 }))
    }
}

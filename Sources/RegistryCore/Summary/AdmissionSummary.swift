import Attestation
import OCI
import SignatureKeys
public import StrictJSON

/// What a registry signs about an admission: a statement that says what was decided, by which policy, on what grounds.
///
/// A pure function of what is kept: the same admission gives the same bytes, whenever somebody asks.
public struct AdmissionSummary: Sendable {
    /// The payload of an envelope.
    public let statement: [UInt8]

    /// Most files that are named beside the manifest; with more of them the manifest stands alone.
    public static let filesMax = Statement.subjectsMax - 1

    /// - Parameters:
    ///   - decision: the event that admitted it.
    ///   - trace: the document that the event cites as its decision.
    ///   - files: what the version consists of.
    /// - Returns: `nil` for an event that admits nothing, or a trace that is none of ours.
    public init?(
        of decision: LoggedDecision, trace: JSONValue, files: [ArtifactFile], by issuer: SummaryIssuer
    ) {
        guard let event = try? RegistryEvent(decoding: decision.leaf, index: decision.index),
            case .promoted(let admittance) = event.body, case .artifact(let key, let name) = event.subject,
            let grounds = AdmissionGrounds(trace)
        else { return nil }
        let summary = VerificationSummary(
            verifierID: issuer.verifierID, timeVerified: event.time.description,
            resourceURI: issuer.resourceURI(of: name),
            policy: .init(uri: "\(issuer.baseURL)/v1/policy", digests: admittance.policyDigest.asSet),
            inputAttestations: grounds.attestations.map { bundle in
                let uri = "\(issuer.resourceURI(of: name))/evidence/\(bundle)"
                return .init(uri: uri, digests: bundle.asSet)
            }, result: .passed, verifiedLevels: grounds.levels, slsaVersion: "1.1",
            extensions: JSONObject([(LoggedDecision.member, decision.json)]))
        let files = files.count <= Self.filesMax ? files : []
        statement = summary.statement(
            about: [(name.description, key.version.asSet)]
                + files.map { ($0.path.description, $0.digest.asSet) })
    }
}

/// What a decision rests on, as far as a summary says it.
struct AdmissionGrounds {
    /// SHA-256 of the bundles that counted, each once.
    private(set) var attestations: [Digest] = []
    private(set) var levels: [String]

    /// Nothing that a registry checks makes a level of SLSA: who builds how is not its to know.
    static let unevaluated = "SLSA_BUILD_LEVEL_UNEVALUATED"
    /// Our own inspection found nothing, and nobody had to answer for anything.
    static let inspected = "PRATIQUE_INSPECTED_CLEAN"
    /// The policy asks for signatures or statements about this artifact, and has them.
    static let verified = "PRATIQUE_SIGNATURES_VERIFIED"
    /// Among them is provenance.
    static let provenance = "PRATIQUE_PROVENANCE_VERIFIED"

    /// - Returns: `nil` for a document that is no decision, or one that admits nothing.
    init?(_ trace: JSONValue) {
        guard let object = trace.asObject, object["type"]?.asString == "policy-decision/v1",
            object["outcome"]?.asString == PolicyDecision.Outcome.admitted.rawValue,
            let facts = object["facts"]?.asObject
        else { return nil }
        levels = [Self.unevaluated]
        if facts["verdict"]?.asString == "clean", (object["waivers"]?.asArray ?? []).isEmpty {
            levels.append(Self.inspected)
        }
        var hasProvenance = false
        for step in object["signatures"]?.asArray ?? [] {
            guard let step = step.asObject, step["counts_for"]?.asArray?.isEmpty == false else { continue }
            guard let bundle = step["bundle"]?.asString.flatMap({ try? Digest(parsing: $0) }) else { return nil }
            if !attestations.contains(bundle) { attestations.append(bundle) }
            hasProvenance =
                hasProvenance || step["predicate_type"]?.asString?.hasPrefix("https://slsa.dev/provenance/") == true
        }
        guard facts["verification"]?.asString == "verified" else { return }
        levels.append(Self.verified)
        if hasProvenance { levels.append(Self.provenance) }
    }
}

extension Digest {
    /// As statements name it.
    var asSet: [HashAlgorithm: [UInt8]] { [algorithm == .sha512 ? .sha512 : .sha256: bytes] }
}

public import Attestation
public import OCI
import SignatureKeys
import StrictJSON
public import TransparencyLog

/// A summary of an admission that the registry with this key has signed, and that says what the entry of the log in it
/// says. Whether the entry is in the log is not known yet: that is what `SummaryStanding` finds out.
public struct VerifiedSummary: Sendable {
    public let summary: VerificationSummary
    /// The manifest, then the files that it names.
    public let subjects: [Subject]
    public let decision: LoggedDecision
    /// The event that the entry is.
    public let event: RegistryEvent
    public let artifact: ArtifactKey
    public let name: ArtifactName
    public let admittance: Admittance

    /// Longest envelope, in bytes.
    public static let bytesMax = 4 << 20

    private static let limits = JSONLimits(bytesMax: bytesMax, depthMax: 4, nodesMax: 256, stringBytesMax: bytesMax)

    /// Verifies an envelope, without any log.
    ///
    /// - Parameter key: the registry's own, from elsewhere. A registry has one key for its log and its summaries, and a
    ///   summary for each of its admissions says under which origin that log stands.
    public init(opening bytes: [UInt8], key: NoteVerifier) throws(SummaryRefusal) {
        let payload = try Self.payload(of: bytes, key)
        let statement: Statement
        do {
            statement = try Statement(parsing: payload)
        } catch {
            throw SummaryRefusal(.statementMalformed, "\(error)")
        }
        guard statement.predicateType.utf8.elementsEqual(VerificationSummary.predicateType.utf8) else {
            throw SummaryRefusal(.predicateTypeMismatch, "it states something else, \(statement.predicateType)")
        }
        let summary: VerificationSummary
        do {
            summary = try VerificationSummary(statement)
        } catch {
            throw SummaryRefusal(.summaryMalformed, "\(error)")
        }
        guard summary.result == .passed else {
            throw SummaryRefusal(.resultFailed, "the policy did not admit it")
        }
        let decision = try LoggedDecision(summary)
        guard decision.origin.description.utf8.elementsEqual(key.name.description.utf8) else {
            throw SummaryRefusal(.originMismatch, "it is of the log \(decision.origin), and the key of another")
        }
        guard let event = try? RegistryEvent(decoding: decision.leaf, index: decision.index),
            case .promoted(let admittance) = event.body, case .artifact(let artifact, let name) = event.subject
        else { throw SummaryRefusal(.decisionMismatch, "the summary's entry of the log admits nothing") }
        (self.summary, subjects, self.decision, self.event) = (summary, statement.subjects, decision, event)
        (self.artifact, self.name, self.admittance) = (artifact, name, admittance)
        try requireAgreement()
    }

    private static func payload(of bytes: [UInt8], _ key: NoteVerifier) throws(SummaryRefusal) -> [UInt8] {
        guard bytes.count <= bytesMax, let object = try? StrictJSON.parse(bytes, limits: limits).asObject,
            let envelope = try? Envelope(object), hasNoOthers(object)
        else { throw SummaryRefusal(.envelopeMalformed, "it is no envelope (DSSE)") }
        guard envelope.payloadType.utf8.elementsEqual(Envelope.inTotoType.utf8) else {
            throw SummaryRefusal(.payloadTypeMismatch, "the envelope holds something else than a statement")
        }
        let signed = envelope.preAuthenticationEncoding
        let isSigned = envelope.signatures.contains { signature in
            signature.keyID.utf8.elementsEqual(key.hint.utf8)
                && key.isValid(signature.bytes, forPreAuthenticationEncoding: signed)
        }
        guard isSigned else {
            throw SummaryRefusal(.signatureInvalid, "the registry's key has not signed it")
        }
        return envelope.payload
    }

    /// Whether nothing is in the envelope that no signature is over.
    private static func hasNoOthers(_ object: JSONObject) -> Bool {
        object.count == 3
            && (object["signatures"]?.asArray ?? []).allSatisfy { signature in
                signature.asObject?.members.allSatisfy { ["keyid", "sig"].contains($0.name) } == true
            }
    }

    /// The summary says nothing that the entry of the log does not say.
    private func requireAgreement() throws(SummaryRefusal) {
        guard let manifest = subjects.first, manifest.digests == artifact.version.asSet else {
            throw SummaryRefusal(.decisionMismatch, "the entry of the log is about another artifact")
        }
        guard summary.policy.digests == admittance.policyDigest.asSet else {
            throw SummaryRefusal(.decisionMismatch, "the entry of the log names another policy")
        }
        guard summary.timeVerified == event.time.description else {
            throw SummaryRefusal(.decisionMismatch, "the entry of the log is of another time")
        }
        guard summary.resourceURI.utf8.reversed().starts(with: SummaryIssuer.path(of: name).utf8.reversed()) else {
            throw SummaryRefusal(.decisionMismatch, "the entry of the log is about another name")
        }
    }

    /// The files that are named beside the manifest; those of a config lie out of the way.
    public var files: ArraySlice<Subject> { subjects.dropFirst() }

    /// The artifact or the file with this digest.
    ///
    /// - Throws: `.subjectMismatch`.
    public func subject(_ digest: Digest) throws(SummaryRefusal) -> Subject {
        guard let subject = subjects.first(where: { $0.names(digest.asSet) }) else {
            throw SummaryRefusal(.subjectMismatch, "the summary is about something else than \(digest)")
        }
        return subject
    }
}

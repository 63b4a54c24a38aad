import Attestation
import OCI
import RegistryCore
import StrictJSON
import TransparencyLog

/// A key that signs whatever the fuzzer makes: what is read before a signature is one half, what is behind it another.
private let signer = NoteSigner(name: NoteKeyName("f")!, seed: [UInt8](repeating: 7, count: 32))!

/// No bytes are an envelope that the key has signed; and of those that it did sign, none says two things.
func fuzzSummary(_ bytes: [UInt8]) {
    precondition((try? VerifiedSummary(opening: bytes, key: signer.verifier)) == nil)
    _ = LoggedDecision.claimedOrigin(inEnvelope: bytes)
    let draft = Envelope(payload: bytes, payloadType: Envelope.inTotoType, signatures: [])
    guard let signature = try? signer.sign(preAuthenticationEncoding: draft.preAuthenticationEncoding) else { return }
    let envelope = Envelope(
        payload: bytes, payloadType: Envelope.inTotoType,
        signatures: [Envelope.Signature(keyID: signer.verifier.hint, bytes: signature)])
    guard let verified = try? VerifiedSummary(opening: envelope.json.encoded(), key: signer.verifier) else { return }
    precondition(verified.summary.result == .passed)
    precondition(verified.event.body == .promoted(verified.admittance))
    precondition((try? verified.subject(verified.artifact.version)) == verified.subjects.first)
    var standing = SummaryStanding(of: verified)
    standing.hear(verified.decision.leaf, at: verified.decision.index)
    if verified.decision.index < .max { standing.hear(bytes, at: verified.decision.index + 1) }
    precondition((try? standing.check(size: verified.decision.index)) == nil)
    _ = try? SummaryExpectation().check(verified, now: verified.event.time)
}

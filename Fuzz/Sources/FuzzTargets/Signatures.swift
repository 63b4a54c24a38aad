import Attestation
import DER
import SignatureKeys
import Sigstore
import TransparencyLog

/// Nothing that a fuzzer makes is signed by anybody.
func fuzzBundle(_ bytes: [UInt8]) {
    guard let bundle = try? UnverifiedBundle(parsing: bytes) else { return }
    let identity = VerificationPolicy.Signer.identity(.exactly("a"), issuer: .exactly("b"))
    let policy = VerificationPolicy(signer: identity)
    _ = try? BundleVerifier.needs(of: bundle, by: policy)
    let verified = try? BundleVerifier(root: .none).verify(bundle, of: Artifact(bytes: bytes), by: policy)
    precondition(verified == nil)
    if case .envelope(let envelope) = bundle.content { _ = try? Statement(parsing: envelope.payload) }
}

func fuzzTrustedRoot(_ bytes: [UInt8]) {
    guard let root = try? TrustedRoot(parsing: bytes) else { return }
    precondition(root.transparencyLogs.allSatisfy { $0.window.start != nil })
}

/// What was signed can be put together from its parts again, without and with promises in it.
func fuzzCertificate(_ bytes: [UInt8]) {
    precondition(ReaderProbe.certificate(bytes) ?? true)
    precondition((ReaderProbe.timestampList(bytes) ?? 0) <= bytes.count)
}

func fuzzTimestamp(_ bytes: [UInt8]) {
    _ = ReaderProbe.timestampResponse(bytes)
}

/// A key that is read is written as it was, and an encoding that is read is one.
func fuzzKey(_ bytes: [UInt8]) {
    if let key = try? VerificationKey(subjectPublicKeyInfo: bytes) {
        precondition(key.subjectPublicKeyInfo == bytes)
        precondition(!key.isValid(bytes, over: bytes, by: key.defaultScheme))
    }
    if let key = try? VerificationKey(pem: bytes) {
        precondition((try? VerificationKey(subjectPublicKeyInfo: key.subjectPublicKeyInfo)) == key)
    }
    _ = try? VerificationKey(pkcs1: bytes)
}

/// A note that is read is written as it was; so is a checkpoint in it.
func fuzzNote(_ bytes: [UInt8]) {
    guard let note = try? SignedNote(parsing: bytes) else { return }
    precondition(note.encoded == bytes)
    guard let checkpoint = try? Checkpoint(parsing: note.text) else { return }
    precondition(checkpoint.text == note.text)
}

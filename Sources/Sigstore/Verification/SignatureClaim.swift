internal import Attestation
internal import DER
internal import SignatureKeys

/// Step 1: who seems to have signed what. A certificate and a scheme that could have made the signature; nothing is
/// verified.
///
/// The steps follow the client specification of Sigstore. Each takes the result of the one before, and only it makes
/// that result, so that none can be left out.
struct SignatureClaim: Sendable {
    enum Signer: Sendable {
        /// Leaf first.
        case certificate(Certificate, chain: [Certificate])
        case key(VerificationKey)
    }

    let bundle: UnverifiedBundle
    let signer: Signer
    let scheme: SignatureScheme
    let artifact: Artifact

    /// Whether logs and times have to speak for it: nobody else knows the certificate.
    let needsLog: Bool

    init(
        _ bundle: UnverifiedBundle, _ artifact: Artifact, _ rule: VerificationPolicy.Signer
    ) throws(VerificationFailure) {
        let signer = try Self.signer(bundle, rule)
        self.bundle = bundle
        self.artifact = artifact
        self.signer = signer
        if case .identity = rule { needsLog = true } else { needsLog = false }
        scheme = signer.key.defaultScheme
    }

    /// A key is never taken out of a certificate, nor a certificate believed for having a key.
    private static func signer(
        _ bundle: UnverifiedBundle, _ rule: VerificationPolicy.Signer
    ) throws(VerificationFailure) -> Signer {
        switch (rule, bundle.material) {
        case (.key, .certificates):
            throw VerificationFailure(.keyExpected, "it is signed with a certificate, and a key is asked for")
        case (.identity, .publicKey), (.certificate, .publicKey):
            throw VerificationFailure(.certificateExpected, "it is signed with a key, and an identity is asked for")
        case (.key(let key), .publicKey): return .key(key)
        case (.identity, .certificates(let encoded)), (.certificate, .certificates(let encoded)):
            let chain = try certificates(encoded)
            guard let leaf = chain.first else {
                throw VerificationFailure(.materialMissing, "its certificate chain is empty")
            }
            return .certificate(leaf, chain: chain)
        }
    }

    private static func certificates(_ encoded: [[UInt8]]) throws(VerificationFailure) -> [Certificate] {
        var chain: [Certificate] = []
        for der in encoded {
            do throws(CertificateFault) {
                chain.append(try Certificate(der: der))
            } catch {
                throw VerificationFailure(.certificateMalformed, "\(error)")
            }
        }
        // Anchors come from the trusted root and from nowhere else.
        guard !chain.dropFirst().contains(where: \.isSelfIssued) else {
            throw VerificationFailure(.rootInBundle, "it brings a root certificate")
        }
        return chain
    }

    /// What was signed: the digest of it by `algorithm`.
    func digest(_ algorithm: HashAlgorithm) throws(VerificationFailure) -> [UInt8] {
        switch bundle.content {
        case .message: try artifact.requiredDigest(algorithm)
        case .envelope(let envelope): algorithm.hash(envelope.preAuthenticationEncoding)
        }
    }
}

extension SignatureClaim.Signer {
    var key: VerificationKey {
        switch self {
        case .certificate(let leaf, _): leaf.key
        case .key(let key): key
        }
    }

    /// Whether the text of an entry is this certificate or key, in PEM.
    func isWritten(inPEM text: [UInt8]) -> Bool {
        guard let blocks = PEM.blocks(in: text, max: 1), let block = blocks.first else { return false }
        switch self {
        case .certificate(let leaf, _): return block.label == "CERTIFICATE" && block.bytes == leaf.der
        case .key(let key): return (try? VerificationKey(pem: text)) == key
        }
    }
}

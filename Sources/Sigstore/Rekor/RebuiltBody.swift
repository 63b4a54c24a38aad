internal import SignatureKeys
internal import StrictJSON

extension EntryBody {
    /// An entry of Rekor v2 is rebuilt from the bundle, so that nothing in it can be about something else (Rekor v2
    /// client specification, section 6.1.4). If the bundle has the bytes too, they have to be the same.
    ///
    /// Envelopes are entered as the digest of their pre-authentication encoding.
    static func rebuilt(
        _ entry: UnverifiedLogEntry, _ claim: SignatureClaim
    ) throws(VerificationFailure) -> [UInt8] {
        guard let hash = claim.scheme.hashAlgorithm, let details = claim.signer.key.details else {
            throw VerificationFailure(.logEntryKindUnsupported, "keys of this kind are not entered into this log")
        }
        let material: (String, [UInt8])
        switch claim.signer {
        case .certificate(let leaf, _): material = ("x509Certificate", leaf.der)
        case .key(let key): material = ("publicKey", key.subjectPublicKeyInfo)
        }
        // Members in the order of RFC 8785; no text in them needs an escape.
        let verifier: JSONValue = [
            "keyDetails": .string(details.rawValue),
            material.0: ["rawBytes": .string(Base64.encode(material.1))],
        ]
        let data: JSONValue = [
            "algorithm": .string(hash.registryName), "digest": .string(Base64.encode(try claim.digest(hash))),
        ]
        let signature: JSONValue = [
            "content": .string(Base64.encode(claim.bundle.signature)), "verifier": verifier,
        ]
        let document: JSONValue = [
            "apiVersion": "0.0.2", "kind": "hashedrekord",
            "spec": ["hashedRekordV002": ["data": data, "signature": signature]],
        ]
        let body = document.encoded()
        guard entry.body == nil || entry.body == body else {
            throw VerificationFailure(
                .logEntryMismatch, "an entry is about another signature, artifact, certificate or key")
        }
        return body
    }
}

extension HashAlgorithm {
    /// Name in Sigstore's registry.
    var registryName: String {
        switch self {
        case .sha256: "SHA2_256"
        case .sha384: "SHA2_384"
        case .sha512: "SHA2_512"
        }
    }

    init?(registryName: String) {
        guard let algorithm = Self.allCases.first(where: { $0.registryName == registryName }) else { return nil }
        self = algorithm
    }
}

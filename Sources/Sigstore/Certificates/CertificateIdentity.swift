internal import DER
internal import SignatureKeys

/// Whom a certificate names, and who vouched for them.
public struct CertificateIdentity: Sendable, Hashable {
    /// How the name is written in the certificate.
    public enum Kind: String, Sendable, Hashable {
        case uri
        case email
        /// Fulcio's own form, for names that are neither (its document oid-info, 1.3.6.1.4.1.57264.1.7).
        case otherName = "other"
        /// Of a certificate that no log has.
        case dns
        /// The subject of one without alternative names.
        case commonName = "common_name"
    }

    public let kind: Kind
    public let name: String

    /// The OpenID Connect provider that vouched for the name; of a certificate that no log has the root above it.
    public let issuer: String

    /// What else the provider said, by the last number of the claim's identifier: 9 and higher.
    public let claims: [Int: String]

    init(kind: Kind, name: String, issuer: String, claims: [Int: String]) {
        self.kind = kind
        self.name = name
        self.issuer = issuer
        self.claims = claims
    }

    /// Reads a certificate of Fulcio.
    ///
    /// - Throws: why nobody is named in the one way in which Fulcio names.
    init(_ certificate: Certificate) throws(VerificationFailure) {
        (kind, name) = try Self.subject(certificate)
        issuer = try Self.issuer(certificate)
        var claims: [Int: String] = [:]
        for number in 9...22 {
            guard let field = certificate[ObjectIdentifier(1, 3, 6, 1, 4, 1, 57264, 1, UInt32(number))] else {
                continue
            }
            guard let text = Self.text(field.value) else {
                throw VerificationFailure(.certificateMalformed, "the claim \(field.identifier) is no UTF8String")
            }
            claims[number] = text
        }
        self.claims = claims
    }

    /// Exactly one name: with several, a policy would have to choose which of them is meant.
    private static func subject(_ certificate: Certificate) throws(VerificationFailure) -> (Kind, String) {
        guard let field = certificate[.subjectAltName] else {
            throw VerificationFailure(.identityMissing, "the certificate names nobody")
        }
        do throws(DERFault) {
            var names = try DERReader.document(field.value)
            let element = try names.next()
            try names.finish()
            switch element.tag {
            case .contextPrimitive(6): if let text = ascii(element.content) { return (.uri, text) }
            case .contextPrimitive(1): if let text = ascii(element.content) { return (.email, text) }
            case .contextConstructed(0):
                var fields = element.reader
                guard try fields.objectIdentifier() == .fulcioOtherName else { break }
                var wrapper = try fields.next(.contextConstructed(0)).reader
                let text = try wrapper.utf8String()
                try wrapper.finish()
                try fields.finish()
                return (.otherName, text)
            default: break
            }
        } catch {
            throw VerificationFailure(.identityMissing, "the certificate does not name exactly one identity: \(error)")
        }
        throw VerificationFailure(.identityMissing, "the certificate names its subject by something else than Fulcio")
    }

    private static func ascii(_ bytes: ArraySlice<UInt8>) -> String? {
        bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F } && !bytes.isEmpty ? String(decoding: bytes, as: UTF8.self) : nil
    }

    private static func text(_ value: ArraySlice<UInt8>) -> String? {
        var reader = DERReader(value)
        guard let text = try? reader.utf8String(), reader.isAtEnd else { return nil }
        return text
    }

    /// The newer of two extensions is a UTF8String, the older one is the bare text. Both may stand there, but not
    /// differ: readers disagree about which of them counts.
    private static func issuer(_ certificate: Certificate) throws(VerificationFailure) -> String {
        let newer: String?
        if let field = certificate[.fulcioIssuerV2] {
            guard let issuer = text(field.value) else {
                throw VerificationFailure(.issuerMissing, "the extension that names the issuer cannot be read")
            }
            newer = issuer
        } else {
            newer = nil
        }
        let older = certificate[.fulcioIssuerV1].map { String(validating: $0.value, as: UTF8.self) ?? "" }
        switch (newer, older) {
        case (let newer?, let older?):
            guard newer.utf8.elementsEqual(older.utf8) else {
                throw VerificationFailure(.issuerConflict, "its two extensions name different issuers")
            }
            return newer
        case (let issuer?, nil), (nil, let issuer?):
            guard !issuer.isEmpty else {
                throw VerificationFailure(.issuerMissing, "the certificate's issuer is empty")
            }
            return issuer
        case (nil, nil):
            throw VerificationFailure(.issuerMissing, "the certificate does not say who vouched for the identity")
        }
    }
}

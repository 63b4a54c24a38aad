internal import DER
internal import SignatureKeys

/// An X.509 certificate, version 3 (RFC 5280 section 4.1). Being read says nothing about whom it is from.
struct Certificate: Sendable, Hashable {
    struct Extension: Sendable, Hashable {
        let identifier: ObjectIdentifier
        let isCritical: Bool
        let value: ArraySlice<UInt8>
        /// The whole of it, as it stands in the certificate.
        let encoded: ArraySlice<UInt8>
    }

    /// The whole certificate.
    let der: [UInt8]
    /// What is signed.
    let tbs: DERElement
    let signatureScheme: SignatureScheme?
    let signature: [UInt8]
    /// Two's complement, as it stands there.
    let serialNumber: ArraySlice<UInt8>
    /// Names are compared by their encodings: issuers copy those of their own certificates.
    let issuer: ArraySlice<UInt8>
    let subject: ArraySlice<UInt8>
    let notBefore: UnixTime
    let notAfter: UnixTime
    let key: VerificationKey
    let extensions: [Extension]
    let constraints: CertificateConstraints

    static func == (left: Certificate, right: Certificate) -> Bool { left.der == right.der }
    func hash(into hasher: inout Hasher) { hasher.combine(der) }

    func isValid(at time: UnixTime) -> Bool { notBefore <= time && time <= notAfter }

    /// Whether its subject issued it, by the names that it gives.
    var isSelfIssued: Bool { issuer.elementsEqual(subject) }

    /// Whether `issuer` signed it and is called so. Says nothing about whether it may.
    func isSigned(by issuer: Certificate) -> Bool {
        guard let signatureScheme, self.issuer.elementsEqual(issuer.subject) else { return false }
        return issuer.key.isValid(signature, over: Array(tbs.encoded), by: signatureScheme)
    }

    subscript(_ identifier: ObjectIdentifier) -> Extension? {
        extensions.first { $0.identifier == identifier }
    }
}

internal import DER
internal import SignatureKeys

/// Why bytes are no certificate.
enum CertificateFault: Error, Hashable {
    case encoding(DERFault)
    case key(KeyFault)
    case version
    /// The algorithm that is signed is another than the one beside the signature.
    case algorithms
    case repeatedExtension(ObjectIdentifier)
}

extension CertificateFault: CustomStringConvertible {
    var description: String {
        switch self {
        case .encoding(let fault): "a certificate cannot be read: \(fault)"
        case .key(let fault): "a certificate's key cannot be used: \(fault)"
        case .version: "a certificate is not of version 3"
        case .algorithms: "a certificate names two different algorithms for its signature"
        case .repeatedExtension(let identifier): "a certificate has the extension \(identifier) twice"
        }
    }
}

extension Certificate {
    static let extensionsMax = 128

    /// Reads a certificate in DER, with nothing behind it.
    init(der: [UInt8]) throws(CertificateFault) {
        let fields: CertificateFields
        let constraints: CertificateConstraints
        do throws(DERFault) {
            fields = try CertificateFields(der: der)
            constraints = try CertificateConstraints(fields.extensions)
        } catch {
            throw .encoding(error)
        }
        guard fields.version == 2 else { throw .version }
        guard fields.algorithm == fields.outerAlgorithm else { throw .algorithms }
        var seen: Set<ObjectIdentifier> = []
        for field in fields.extensions where !seen.insert(field.identifier).inserted {
            throw .repeatedExtension(field.identifier)
        }
        do throws(KeyFault) {
            key = try VerificationKey(subjectPublicKeyInfo: Array(fields.keyInfo))
        } catch {
            throw .key(error)
        }
        self.der = der
        tbs = fields.tbs
        signatureScheme = fields.algorithm.signatureScheme
        signature = fields.signature
        serialNumber = fields.serialNumber
        issuer = fields.issuer
        subject = fields.subject
        notBefore = fields.notBefore
        notAfter = fields.notAfter
        extensions = fields.extensions
        self.constraints = constraints
    }
}

internal import DER

/// What the extensions of a certificate allow its key (RFC 5280 section 4.2.1).
struct CertificateConstraints: Sendable, Hashable {
    /// Whether the key may sign certificates, and how many authorities may stand below.
    let isAuthority: Bool
    let pathLengthMax: Int?

    /// `nil` without the extension. Bit 0 is the highest.
    private let keyUsage: UInt16?

    /// `nil` without the extension.
    let purposes: [ObjectIdentifier]?
    let purposesAreCritical: Bool

    /// The first extension that would have to be understood and is not.
    let unhandled: ObjectIdentifier?

    init(_ extensions: [Certificate.Extension]) throws(DERFault) {
        var isAuthority = false
        var pathLengthMax: Int?
        var keyUsage: UInt16?
        var purposes: [ObjectIdentifier]?
        var purposesAreCritical = false
        var unhandled: ObjectIdentifier?
        for field in extensions {
            switch field.identifier {
            case .basicConstraints:
                var fields = try DERReader.document(field.value)
                if fields.nextTag == .boolean { isAuthority = try fields.boolean() }
                if fields.nextTag == .integer { pathLengthMax = try fields.smallInteger() }
                try fields.finish()
            case .keyUsage:
                var reader = DERReader(field.value)
                keyUsage = try reader.flags()
                try reader.finish()
            case .extendedKeyUsage:
                purposes = try Self.purposes(field.value)
                purposesAreCritical = field.isCritical
            // Names of identities are looked at by themselves.
            case .subjectAltName: break
            // What an authority may name is not looked at: no such authority is believed.
            case .nameConstraints: unhandled = unhandled ?? field.identifier
            default:
                if field.isCritical { unhandled = unhandled ?? field.identifier }
            }
        }
        self.isAuthority = isAuthority
        self.pathLengthMax = pathLengthMax
        self.keyUsage = keyUsage
        self.purposes = purposes
        self.purposesAreCritical = purposesAreCritical
        self.unhandled = unhandled
    }

    private static func purposes(_ value: ArraySlice<UInt8>) throws(DERFault) -> [ObjectIdentifier] {
        var list = try DERReader.document(value)
        var purposes: [ObjectIdentifier] = []
        repeat { purposes.append(try list.objectIdentifier()) } while !list.isAtEnd
        return purposes
    }

    /// Whether it says at all what the key may do.
    var statesKeyUsage: Bool { keyUsage != nil }

    var maySignMessages: Bool { (keyUsage ?? 0) & 0x8000 != 0 }

    /// An authority may, and without a key usage everything that it is an authority for.
    var maySignCertificates: Bool { isAuthority && keyUsage.map { $0 & 0x0400 != 0 } ?? true }

    /// Whether an authority may stand above a certificate for `purpose`.
    func permits(_ purpose: ObjectIdentifier) -> Bool {
        purposes.map { $0.contains(purpose) || $0.contains(.anyPurpose) } ?? true
    }
}

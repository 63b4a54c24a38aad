internal import DER

extension Certificate {
    /// Most names of one certificate that are read.
    static let namesMax = 64

    /// Whom an ordinary certificate names: by its alternative names, or where it has none by the last common name of
    /// its subject (RFC 6125 section 6.4.4 has the same order).
    func subjectNames() throws(VerificationFailure) -> [(kind: CertificateIdentity.Kind, name: String)] {
        do throws(DERFault) {
            guard let field = self[.subjectAltName] else { return try commonName().map { [(.commonName, $0)] } ?? [] }
            var list = try DERReader.document(field.value)
            var names: [(kind: CertificateIdentity.Kind, name: String)] = []
            while !list.isAtEnd {
                let element = try list.next()
                let kind: CertificateIdentity.Kind
                switch element.tag {
                case .contextPrimitive(6): kind = .uri
                case .contextPrimitive(1): kind = .email
                case .contextPrimitive(2): kind = .dns
                default: continue
                }
                guard names.count < Self.namesMax, let text = Self.visible(element.content) else {
                    throw list.fault(.invalidContent)
                }
                names.append((kind, text))
            }
            return names
        } catch {
            throw VerificationFailure(.identityMissing, "the names in the certificate cannot be read: \(error)")
        }
    }

    /// RFC 5280 section 4.1.2.4: a sequence of sets of attributes.
    private func commonName() throws(DERFault) -> String? {
        var sets = try DERReader.document(subject)
        var name: String?
        while !sets.isAtEnd {
            var attributes = try sets.next(.set).reader
            while !attributes.isAtEnd {
                var attribute = try attributes.sequence()
                let identifier = try attribute.objectIdentifier()
                let value = try attribute.next()
                try attribute.finish()
                guard identifier == .commonName else { continue }
                // UTF8String and PrintableString; older kinds of texts name nobody here.
                guard value.tag == .utf8String || value.tag == .printableString else { return nil }
                name = String(validating: value.content, as: UTF8.self)
            }
        }
        return name
    }

    private static func visible(_ bytes: ArraySlice<UInt8>) -> String? {
        bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F } && !bytes.isEmpty ? String(decoding: bytes, as: UTF8.self) : nil
    }
}

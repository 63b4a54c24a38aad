internal import DER
internal import SignatureKeys

/// A log's promise to show a certificate (RFC 6962 section 3.2).
struct SignedCertificateTimestamp: Hashable {
    let logID: ArraySlice<UInt8>

    /// Milliseconds since 1970.
    let timestamp: UInt64
    let extensions: ArraySlice<UInt8>
    let scheme: SignatureScheme?
    let signature: [UInt8]

    /// Most promises in one certificate.
    static let countMax = 16

    /// Reads the content of the certificate's extension: a list in an OCTET STRING.
    ///
    /// - Returns: `nil` if it cannot be read. Promises of an unknown version are left out, as the RFC says.
    static func list(_ value: ArraySlice<UInt8>) -> [SignedCertificateTimestamp]? {
        var reader = DERReader(value)
        guard let content = try? reader.octetString(), reader.isAtEnd else { return nil }
        var outer = TLSReader(content)
        guard let items = outer.vector16(), outer.isAtEnd else { return nil }
        var list = TLSReader(items)
        var promises: [SignedCertificateTimestamp] = []
        var count = 0
        while !list.isAtEnd {
            count += 1
            guard count <= countMax, let item = list.vector16(), let version = item.first else { return nil }
            guard version == 0 else { continue }
            guard let promise = SignedCertificateTimestamp(item.dropFirst()) else { return nil }
            promises.append(promise)
        }
        return promises
    }

    private init?(_ bytes: ArraySlice<UInt8>) {
        var reader = TLSReader(bytes)
        guard let logID = reader.bytes(32), let timestamp = reader.number(bytes: 8),
            let extensions = reader.vector16(), let algorithms = reader.number(bytes: 2),
            let signature = reader.vector16(), reader.isAtEnd
        else { return nil }
        self.logID = logID
        self.timestamp = timestamp
        self.extensions = extensions
        self.signature = Array(signature)
        // Hash and signature algorithm of RFC 5246 section 7.4.1.4.1; RFC 6962 allows these two.
        scheme =
            switch algorithms {
            case 0x0403: .ecdsa(.sha256)
            case 0x0401: .rsaPKCS1v15(.sha256)
            default: nil
            }
    }

    /// What the log signed: this promise about the certificate as it was before the promise was in it.
    func signedBytes(for certificate: Certificate, issuer: Certificate) -> [UInt8] {
        let tbs = certificate.tbsWithoutTimestamps
        var bytes: [UInt8] = [0, 0]
        bytes.append(bigEndian: timestamp, bytes: 8)
        bytes.append(contentsOf: [0, 1])
        bytes.append(contentsOf: issuer.key.keyID)
        bytes.append(bigEndian: UInt64(tbs.count), bytes: 3)
        bytes.append(contentsOf: tbs)
        bytes.append(bigEndian: UInt64(extensions.count), bytes: 2)
        bytes.append(contentsOf: extensions)
        return bytes
    }
}

extension Certificate {
    /// What was signed, without the list of promises: every length follows, everything else stays byte for byte (RFC
    /// 6962 section 3.2).
    var tbsWithoutTimestamps: [UInt8] {
        var content: [UInt8] = []
        content.reserveCapacity(tbs.content.count)
        var fields = tbs.reader
        while let field = try? fields.next() {
            guard field.tag == .contextConstructed(3) else {
                content.append(contentsOf: field.encoded)
                continue
            }
            let kept = extensions.filter { $0.identifier != .timestampList }.flatMap(\.encoded)
            content.append(
                contentsOf: DERWriter.element(.contextConstructed(3), DERWriter.element(.sequence, kept)))
        }
        return DERWriter.element(.sequence, content)
    }
}

extension Array<UInt8> {
    /// Appends the low bytes of a number, the highest of them first.
    mutating func append(bigEndian number: UInt64, bytes count: Int) {
        for index in (0..<count).reversed() { append(UInt8(truncatingIfNeeded: number >> UInt64(8 * index))) }
    }
}

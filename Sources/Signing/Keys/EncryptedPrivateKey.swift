internal import Crypto
internal import CryptoExtras
internal import DER

/// A private key encrypted under a password (RFC 5958 section 3, EncryptedPrivateKeyInfo, with PBES2 of RFC 8018).
struct EncryptedPrivateKey {
    let derivation: KeyDerivation
    private let initialValue: [UInt8]
    private let ciphertext: [UInt8]

    private static let blockBytes = 16
    private static let bytesMax = 8 << 10

    init(_ bytes: [UInt8]) throws(SigningFault) {
        guard bytes.count <= Self.bytesMax else { throw .malformedKey }
        let derivation: DERReader
        do throws(DERFault) {
            var fields = try DERReader.document(bytes[...])
            var algorithm = try fields.sequence()
            guard try algorithm.objectIdentifier() == .pbes2 else { throw algorithm.fault(.unexpectedTag) }
            var schemes = try algorithm.sequence()
            derivation = try schemes.sequence()
            var cipher = try schemes.sequence()
            guard try cipher.objectIdentifier() == .aes256CBC else { throw cipher.fault(.unexpectedTag) }
            initialValue = Array(try cipher.octetString())
            ciphertext = Array(try fields.octetString())
            try fields.finish()
        } catch {
            if error.reason == .unexpectedTag { throw .unsupportedEncryption("a cipher") }
            throw .malformedKey
        }
        guard initialValue.count == Self.blockBytes, !ciphertext.isEmpty,
            ciphertext.count.isMultiple(of: Self.blockBytes)
        else { throw .malformedKey }
        self.derivation = try KeyDerivation(derivation)
    }

    func open(_ password: [UInt8]) throws(SigningFault) -> SigningKey {
        let key = try derivation.key(from: password)
        guard let initial = try? AES._CBC.IV(ivBytes: initialValue),
            let plain = try? AES._CBC.decrypt(ciphertext, using: key, iv: initial)
        else { throw .passwordWrong }
        do {
            return try PrivateKeyInfo.read(Array(plain))
        } catch .malformedKey {
            // A wrong password leaves padding that looks right in one of 256 cases, and no key inside.
            throw .passwordWrong
        }
    }

    /// - Parameter password: not empty.
    static func seal(_ key: SigningKey, _ password: [UInt8]) throws(SigningFault) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        func random() -> [UInt8] { (0..<blockBytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) } }
        let (salt, initialValue) = (random(), random())
        let rounds = KeyDerivation.roundsWritten
        let derived = try KeyDerivation(.pbkdf2(rounds: rounds, .sha256), salt: salt).key(from: password)
        guard let initial = try? AES._CBC.IV(ivBytes: initialValue),
            let ciphertext = try? AES._CBC.encrypt(PrivateKeyInfo.write(key), using: derived, iv: initial)
        else { throw .libraryFailure }
        let cipher = ObjectIdentifier.aes256CBC.encoded + DERWriter.element(.octetString, initialValue)
        let schemes =
            KeyDerivation.encodedPBKDF2(rounds: UInt32(rounds), salt: salt) + DERWriter.element(.sequence, cipher)
        let algorithm = ObjectIdentifier.pbes2.encoded + DERWriter.element(.sequence, schemes)
        return DERWriter.element(
            .sequence,
            DERWriter.element(.sequence, algorithm) + DERWriter.element(.octetString, Array(ciphertext)))
    }
}

extension ObjectIdentifier {
    fileprivate static let pbes2 = ObjectIdentifier(1, 2, 840, 113549, 1, 5, 13)
    fileprivate static let aes256CBC = ObjectIdentifier(2, 16, 840, 1, 101, 3, 4, 1, 42)
}

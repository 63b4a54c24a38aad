import SignatureKeys
import Signing
import Testing

@Suite("Files of private keys")
struct PrivateKeyFileTests {
    private let password = Array("correct horse".utf8)

    @Test("A key that was written is read back, by its password alone", arguments: SigningKey.Kind.allCases)
    func roundTrip(_ kind: SigningKey.Kind) throws {
        let key = try SigningKey(generating: kind)
        let text = try PrivateKeyFile.text(of: key, password: password)
        let file = try PrivateKeyFile(parsing: text)
        #expect(file.isEncrypted)
        #expect(try file.key(password: password).verificationKey == key.verificationKey)
        #expect(throws: SigningFault.passwordWrong) { try file.key(password: Array("correct hors".utf8)) }
        #expect(throws: SigningFault.passwordMissing) { try file.key(password: []) }
    }

    @Test("What a key signs verifies with its public part", arguments: SigningKey.Kind.allCases)
    func signatures(_ kind: SigningKey.Kind) throws {
        let key = try SigningKey(generating: kind)
        let message = Array("a model".utf8)
        let signature = try key.signature(over: message)
        let scheme = key.verificationKey.defaultScheme
        #expect(key.verificationKey.isValid(signature, over: message, by: scheme))
        #expect(!key.verificationKey.isValid(signature, over: message + [0], by: scheme))
    }

    @Test("A digest is signed by P-256, and not by Ed25519")
    func digests() throws {
        let message = Array("a model".utf8)
        let digest = HashAlgorithm.sha256.hash(message)
        let key = try SigningKey(generating: .p256)
        let signature = try key.signature(overSHA256: digest)
        #expect(key.verificationKey.isValid(signature, over: message, by: .ecdsa(.sha256)))
        #expect(throws: SigningFault.libraryFailure) { try key.signature(overSHA256: Array(digest.dropLast())) }
        let edwards = try SigningKey(generating: .ed25519)
        #expect(throws: SigningFault.bytesNeeded) { try edwards.signature(overSHA256: digest) }
    }

    @Test("The public part is written as others read it")
    func publicPart() throws {
        let key = try SigningKey(generating: .p256).verificationKey
        #expect(try VerificationKey(pem: key.pem) == key)
        let lines = String(decoding: key.pem, as: UTF8.self).split(separator: "\n")
        #expect(lines.allSatisfy { $0.utf8.count <= 64 })
    }

    @Test("Whatever is changed in a file, reading it ends with a fault or the key")
    func mutations() throws {
        let key = try SigningKey(generating: .ed25519)
        let text = try PrivateKeyFile.text(of: key, password: password)
        let block = try #require(PEM.blocks(in: text, max: 1)?.first)
        // What stands before the ciphertext: the names of the algorithms, salt, rounds and initial value.
        for index in 0..<min(100, block.bytes.count) {
            for value: UInt8 in [0x00, 0x7F, 0xFF] {
                var bytes = block.bytes
                bytes[index] = value
                guard let file = try? PrivateKeyFile(parsing: pem(bytes)) else { continue }
                // Deriving is left out where it would be as slow as for a file that nobody changed.
                #expect(throws: SigningFault.self) { try file.key(password: []) }
            }
        }
    }

    private func pem(_ bytes: [UInt8]) -> [UInt8] {
        Array(
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\n\(Base64.encode(bytes))\n-----END ENCRYPTED PRIVATE KEY-----".utf8)
    }

    @Test("A file that asks for more work than is spent on it is refused before any is done")
    func costs() throws {
        #expect(throws: SigningFault.derivationTooCostly) { try costly(rounds: 10_000_001) }
        #expect(throws: SigningFault.passwordWrong) { try costly(rounds: 0x0080_0000) }
    }

    /// A file by hand, with this number of rounds.
    private func costly(rounds: UInt32) throws -> SigningKey {
        func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] { [tag, UInt8(content.count)] + content }
        let number = withUnsafeBytes(of: rounds.bigEndian) { Array($0) }.drop { $0 == 0 }
        let salt = element(0x04, [UInt8](repeating: 1, count: 8))
        let hash = element(0x30, [0x06, 0x08, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x02, 0x09, 0x05, 0x00])
        let pbkdf2: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x05, 0x0C]
        let derivation = element(0x30, pbkdf2 + element(0x30, salt + element(0x02, [0] + number) + hash))
        let aes: [UInt8] = [0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2A]
        let cipher = element(0x30, aes + element(0x04, [UInt8](repeating: 2, count: 16)))
        let pbes2: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x05, 0x0D]
        let algorithm = element(0x30, pbes2 + element(0x30, derivation + cipher))
        let bytes = element(0x30, algorithm + element(0x04, [UInt8](repeating: 3, count: 16)))
        return try PrivateKeyFile(parsing: pem(bytes)).key(password: password)
    }
}

import SignatureKeys
import Signing
import Testing

@Suite("Keys in the form of cosign")
struct BoxedPrivateKeyTests {
    /// Made by NaCl's own library and OpenSSL's scrypt, under the password `correct horse`.
    private static let text = """
        -----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----
        eyJrZGYiOnsibmFtZSI6InNjcnlwdCIsInBhcmFtcyI6eyJOIjoxMDI0LCJyIjo4
        LCJwIjoxfSwic2FsdCI6ImQzcUFaVnFMVC84V29SVWNaWkdMOHlGcmFPWU9BcG03
        WFhmdytaYXFxOWM9In0sImNpcGhlciI6eyJuYW1lIjoibmFjbC9zZWNyZXRib3gi
        LCJub25jZSI6ImpUWjc3Zy9icTZ0Rmo5N0IrSlFJak9hNW1Vd0prVWZlIn0sImNp
        cGhlcnRleHQiOiJjY2hpRWljYTc3SzJzRWtlNEttL01UNVl3TDBDdGFldlV0djFa
        aS8wY0owbkFmbWcyZUt6TERjMjU1V1F6UEdmSFpSNkNaTWovZkhSbWdHTlFueGZX
        YXowLzE5T0U2OEJtYm5HQ3JGRkV4MHY1bUFNWUhXclc3QWxMdlpNcHlUSGpRemZs
        dmxtcjZKQXNOeFJDM2hGQVpocmtSU0FYeGdyQWY0WmtGNnZaU0RoRjFuRmxTVlo4
        ZnBuZzdCd2dnTzd3UnVIMVMyb0RhRGVJdz09In0=
        -----END ENCRYPTED SIGSTORE PRIVATE KEY-----
        """

    private static let publicKey = """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE+evkZBR8wQLZIyTQmdknwaUOQtV6
        CKEW/+wKKYGdjGVwuvfRKIiQKmoMHWet0QMSPIWatpv46UMck4STDUt+7g==
        -----END PUBLIC KEY-----
        """

    private let password = Array("correct horse".utf8)

    @Test("A key that was put into a box by NaCl's library comes out of it, by its password alone")
    func opening() throws {
        let file = try PrivateKeyFile(parsing: Array(Self.text.utf8))
        #expect(file.isEncrypted)
        let expected = try VerificationKey(pem: Array(Self.publicKey.utf8))
        #expect(try file.key(password: password).verificationKey == expected)
        #expect(throws: SigningFault.passwordWrong) { try file.key(password: Array("correct horses".utf8)) }
        #expect(throws: SigningFault.passwordMissing) { try file.key(password: []) }
    }

    @Test("The older label is read, too")
    func label() throws {
        let text = Self.text.replacing("SIGSTORE", with: "COSIGN")
        _ = try PrivateKeyFile(parsing: Array(text.utf8)).key(password: password)
    }

    @Test(
        "A box that was changed, or says that it was made in another way, is refused",
        arguments: [
            (#""r":8"#, #""r":9"#, SigningFault.passwordWrong),
            (#""N":1024"#, #""N":1000"#, .unsupportedEncryption("a cost of scrypt")),
            (#""N":1024"#, #""N":16777216"#, .derivationTooCostly),
            (#""r":8"#, #""r":9223372036854775807"#, .derivationTooCostly),
            (#""p":1"#, #""p":-1"#, .unsupportedEncryption("a cost of scrypt")),
            (#""N":1024"#, #""N":"1024""#, .unsupportedEncryption("a way of deriving keys")),
            (#""scrypt""#, #""argon2""#, .unsupportedEncryption("a way of deriving keys")),
            (#""nacl/secretbox""#, #""aes""#, .unsupportedEncryption("a cipher")),
            (#""ciphertext":"cchi"#, #""ciphertext":"dchi"#, .passwordWrong),
            (#""ciphertext":""#, #""ciphertext":"!"#, .malformedKey), (#""nonce":""#, #""nonce":"AAAA"#, .malformedKey),
            (#"{"kdf""#, #"{"cipher":{},"kdf""#, .malformedKey), (#"{"kdf""#, #""kdf""#, .malformedKey),
        ])
    func changed(_ before: String, _ after: String, _ fault: SigningFault) throws {
        let block = try #require(PEM.blocks(in: Array(Self.text.utf8), max: 1)?.first)
        let document = String(decoding: block.bytes, as: UTF8.self)
        try #require(document.contains(before))
        let bytes = Array(document.replacing(before, with: after).utf8)
        let text = "-----BEGIN \(block.label)-----\n\(Base64.encode(bytes))\n-----END \(block.label)-----\n"
        #expect(throws: fault) { try PrivateKeyFile(parsing: Array(text.utf8)).key(password: password) }
    }

    @Test("No bit of a box can be changed")
    func bits() throws {
        let block = try #require(PEM.blocks(in: Array(Self.text.utf8), max: 1)?.first)
        let document = String(decoding: block.bytes, as: UTF8.self)
        let member = try #require(document.firstRange(of: #""ciphertext":""#))
        let box = try #require(Base64.decode(document[member.upperBound...].dropLast(2).utf8))
        // The tag and the two ends of what it is over.
        for index in Array(0..<18) + [box.count - 1] {
            var changed = box
            changed[index] ^= 0x80 >> UInt8(index % 8)
            let bytes = Array((document[..<member.upperBound] + Base64.encode(changed) + "\"}").utf8)
            let text = "-----BEGIN \(block.label)-----\n\(Base64.encode(bytes))\n-----END \(block.label)-----\n"
            let file = try PrivateKeyFile(parsing: Array(text.utf8))
            #expect(throws: SigningFault.passwordWrong) { try file.key(password: password) }
        }
    }
}

import Testing
import TransparencyLog

/// Keys and notes of the Go checksum database's tests and of C2SP signed-note.
enum NoteVectors {
    static let peterKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    static let peterSecret = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
    static let enochKey = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
    static let specificationKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    static let goKey = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"

    static let text = """
        If you think cryptography is the answer to your problem,
        then you don't know what your problem is.

        """
    static let peterLine =
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    static let enochLine =
        "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"

    static let specificationNote = """
        This is an example message.

        — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=

        """
    static let goCheckpoint = """
        go.sum database tree
        65209736
        5+uGFjx6xBZG8ip1+wi77v+grwbhhukIrxEUS8PXvRo=

        — sum.golang.org Az3grnbssgK7ubgFX36gVETtNv0U23qxyAhAMai2QUfeGa3nB/akvkMdlUErfcZz7l/R3cVtYspg3dxXABkGZZKdsQ8=

        """

    static func verifier(_ vkey: String) throws -> NoteVerifier {
        try #require(NoteVerifier(vkey: vkey))
    }
}

@Suite("Note keys")
struct NoteKeyTests {
    @Test(
        "Verifier keys are read and written alike",
        arguments: [
            NoteVectors.peterKey, NoteVectors.enochKey, NoteVectors.specificationKey, NoteVectors.goKey,
        ])
    func verifierKeys(vkey: String) {
        #expect(NoteVerifier(vkey: vkey)?.vkey == vkey)
    }

    @Test("Every part of a verifier key alone is refused")
    func partsOfVerifierKeys() {
        let key = Array(NoteVectors.peterKey)
        for start in 0...key.count {
            for end in start...key.count where end - start < key.count {
                #expect(NoteVerifier(vkey: String(key[start..<end])) == nil)
            }
        }
    }

    @Test("Every changed character of a verifier key is refused")
    func changedVerifierKeys() {
        let key = Array(NoteVectors.peterKey.utf8)
        for position in key.indices {
            var changed = key
            changed[position] += 1
            #expect(NoteVerifier(vkey: String(decoding: changed, as: UTF8.self)) == nil)
        }
    }

    @Test(
        "Keys of the wrong length or algorithm are refused even if their identifier fits",
        arguments: [
            "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
            "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        ])
    func wrongKind(vkey: String) {
        #expect(NoteVerifier(vkey: vkey) == nil)
    }

    @Test("A secret key gives its public key and is written as it was read")
    func secretKey() throws {
        let signer = try #require(NoteSigner(skey: NoteVectors.peterSecret))
        #expect(signer.verifier.vkey == NoteVectors.peterKey)
        #expect(signer.skey == NoteVectors.peterSecret)
    }

    @Test("Every changed character of a secret key is refused")
    func changedSecretKeys() {
        let key = Array(NoteVectors.peterSecret.utf8)
        for position in key.indices {
            var changed = key
            changed[position] += 1
            #expect(NoteSigner(skey: String(decoding: changed, as: UTF8.self)) == nil)
        }
        #expect(NoteSigner(skey: NoteVectors.peterKey) == nil)
        #expect(NoteSigner(skey: "PRIVATE+\u{212A}EY+" + NoteVectors.peterSecret.dropFirst(12)) == nil)
    }

    @Test("Only 32 bytes make a key", arguments: [0, 31, 33])
    func keyLength(count: Int) throws {
        let name = try #require(NoteKeyName("n"))
        #expect(NoteSigner(name: name, seed: [UInt8](repeating: 1, count: count)) == nil)
        #expect(NoteVerifier(name: name, publicKey: [UInt8](repeating: 1, count: count)) == nil)
    }

    @Test(
        "Names have no white space, plus or control characters",
        arguments: [
            "", " ", "a b", "a+b", "a\u{A0}b", "a\u{2003}b", "a\u{3000}", "a\nb", "a\tb", "a\u{0}b",
            String(repeating: "n", count: 1_025),
        ])
    func badNames(name: String) {
        #expect(NoteKeyName(name) == nil)
    }

    @Test("Names that only look equal are different keys")
    func canonicalEquivalence() throws {
        let composed = try #require(NoteKeyName("caf\u{E9}"))
        let decomposed = try #require(NoteKeyName("cafe\u{301}"))
        #expect(composed != decomposed)
    }
}

import SignatureKeys
import Testing

@Suite("Public keys")
struct VerificationKeyTests {
    let vectors: KeyVectors

    init() throws {
        vectors = try KeyVectors()
    }

    @Test("Each kind of key verifies what another implementation signed with it")
    func verifies() throws {
        #expect(vectors.keys.count == 7)
        for vector in vectors.keys {
            let key = try VerificationKey(subjectPublicKeyInfo: vector.spki)
            #expect(!vector.signatures.isEmpty)
            for signature in vector.signatures {
                #expect(key.isValid(signature.bytes, over: signature.message, by: signature.scheme), "\(vector.name)")
            }
        }
    }

    @Test("A signature verifies over the digest of the message as over the message, but not with Ed25519")
    func verifiesDigest() throws {
        for vector in vectors.keys {
            let key = try VerificationKey(subjectPublicKeyInfo: vector.spki)
            for signature in vector.signatures {
                let hash = signature.scheme.hashAlgorithm
                let digest = (hash ?? .sha512).hash(signature.message)
                let isValid = key.isValid(signature.bytes, overDigest: digest, by: signature.scheme)
                #expect(isValid == (hash != nil), "\(vector.name) \(signature.scheme)")
                for other in [[], Array(digest.dropLast()), digest + [0], flipped(digest, at: 3)] {
                    #expect(!key.isValid(signature.bytes, overDigest: other, by: signature.scheme))
                }
            }
        }
    }

    @Test("No signature verifies with a changed bit, over another message, by another scheme or with another key")
    func refusesOthers() throws {
        let keys = try vectors.keys.map { try VerificationKey(subjectPublicKeyInfo: $0.spki) }
        for (index, vector) in vectors.keys.enumerated() {
            let key = keys[index]
            for signature in vector.signatures {
                let (bytes, message, scheme) = (signature.bytes, signature.message, signature.scheme)
                for bit in stride(from: 0, to: bytes.count * 8, by: max(1, bytes.count / 8)) {
                    #expect(!key.isValid(flipped(bytes, at: bit), over: message, by: scheme))
                }
                #expect(!key.isValid(bytes, over: message + [0], by: scheme))
                #expect(!key.isValid(Array(bytes.dropLast()), over: message, by: scheme))
                #expect(!key.isValid([], over: message, by: scheme))
                for other in Self.schemes where other != scheme {
                    #expect(!key.isValid(bytes, over: message, by: other))
                }
                for (place, other) in keys.enumerated() where place != index {
                    #expect(!other.isValid(bytes, over: message, by: scheme))
                }
            }
        }
    }

    @Test("A signature longer than any is refused before it is looked at")
    func refusesLongSignatures() throws {
        for vector in vectors.keys {
            let key = try VerificationKey(subjectPublicKeyInfo: vector.spki)
            let long = [UInt8](repeating: 0x30, count: VerificationKey.signatureBytesMax + 1)
            for scheme in Self.schemes {
                #expect(!key.isValid(long, over: [], by: scheme))
                #expect(!key.isValid(long, overDigest: HashAlgorithm.sha256.hash([]), by: scheme))
            }
        }
    }

    @Test("A key is the same from PEM with lines of any length, and from PKCS#1")
    func readsTexts() throws {
        for vector in vectors.keys {
            let key = try VerificationKey(subjectPublicKeyInfo: vector.spki)
            let lines = vector.pem.split(separator: "\n")
            let body = lines.dropFirst().dropLast().joined()
            let texts = [
                vector.pem, vector.pem.replacing("\n", with: "\r\n"), lines.joined(separator: "\n"),
                "-----BEGIN PUBLIC KEY-----\n\(body)\n-----END PUBLIC KEY-----\n",
                "-----BEGIN PUBLIC KEY-----\n\(body.map { "\($0)\n" }.joined())-----END PUBLIC KEY-----",
                "the key of the model\n\n\(vector.pem)\n",
            ]
            for text in texts { #expect(try VerificationKey(pem: Array(text.utf8)) == key) }
            if let text = vector.pkcs1PEM { #expect(try VerificationKey(pem: Array(text.utf8)) == key) }
            #expect(key.subjectPublicKeyInfo == vector.spki)
            #expect(key.keyID == HashAlgorithm.sha256.hash(vector.spki))
        }
    }

    @Test("Text that is not one public key is refused")
    func refusesTexts() throws {
        let pem = vectors.keys[0].pem
        let texts = [
            "", "-----BEGIN PUBLIC KEY-----", pem + pem, String(pem.dropLast(10)),
            pem.replacing("PUBLIC KEY", with: "PRIVATE KEY"), pem.replacing("END PUBLIC", with: "END PRIVATE"),
            pem.replacing("\nMF", with: "\nM!"), pem.replacing("-----END", with: "=\n-----END"),
            "-----BEGIN PUBLIC KEY-----\n-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n",
        ]
        for text in texts {
            #expect(throws: KeyFault.malformedPEM) { try VerificationKey(pem: Array(text.utf8)) }
        }
        let long = [UInt8](repeating: 0x20, count: PEM.bytesMax + 1)
        #expect(throws: KeyFault.malformedPEM) { try VerificationKey(pem: long) }
    }

    @Test("Keys that are weak, unknown, malformed or off their curve are refused for that reason")
    func refusesKeys() throws {
        #expect(vectors.refused.count == 12)
        for vector in vectors.refused {
            let fault = #expect(throws: KeyFault.self, "\(vector.name)") {
                try VerificationKey(subjectPublicKeyInfo: vector.spki)
            }
            #expect(fault == vector.fault, "\(vector.name)")
        }
    }

    @Test("No prefix and no changed bit of a key's encoding stops the process or stays the same key")
    func survivesChanges() throws {
        for vector in vectors.keys {
            let key = try VerificationKey(subjectPublicKeyInfo: vector.spki)
            for count in 0..<vector.spki.count {
                #expect(throws: KeyFault.self) {
                    try VerificationKey(subjectPublicKeyInfo: Array(vector.spki.prefix(count)))
                }
            }
            for bit in 0..<vector.spki.count * 8 {
                let other = try? VerificationKey(subjectPublicKeyInfo: flipped(vector.spki, at: bit))
                #expect(other != key)
                guard let other, let signature = vector.signatures.first else { continue }
                #expect(!other.isValid(signature.bytes, over: signature.message, by: signature.scheme))
            }
        }
    }

    @Test("The names of the registries stand for kinds of keys")
    func names() throws {
        for vector in vectors.keys {
            let key = try VerificationKey(subjectPublicKeyInfo: vector.spki)
            let details = try #require(key.details)
            #expect(details.describes(key))
            #expect(details.scheme == key.defaultScheme)
            #expect(try details.key(vector.spki) == key)
            for other in KeyDetails.allCases where !other.describes(key) {
                #expect(throws: KeyFault.self) { try other.key(vector.spki) }
            }
            for scheme in TUFScheme.allCases { #expect(!scheme.describes(key) || key.supports(scheme.scheme)) }
        }
    }

    private static let schemes: [SignatureScheme] =
        HashAlgorithm.allCases.flatMap { [.ecdsa($0), .rsaPKCS1v15($0), .rsaPSS($0)] } + [.ed25519]
}

func flipped(_ bytes: [UInt8], at bit: Int) -> [UInt8] {
    var changed = bytes
    changed[bit / 8] ^= 1 << UInt8(bit % 8)
    return changed
}

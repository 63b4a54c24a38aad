import RegistryClient
import SignatureKeys
@testable import Signing
import SigningServices
import Sigstore

/// Files of private keys, whole and what is inside of their armour. A key that comes out is written and read back as it
/// was. Deriving is left out where the file asks for more of it than a fuzzer has time for.
func fuzzSealedKey(_ bytes: [UInt8]) {
    let password = Array("password".utf8)
    if let file = try? PrivateKeyFile(parsing: bytes), !file.isEncrypted, let key = try? file.key(password: []) {
        checkKey(key)
    }
    for content in [bytes] + (PEM.blocks(in: bytes, max: 1)?.map(\.bytes) ?? []) {
        if let key = try? PrivateKeyInfo.read(content) { checkKey(key) }
        if let sealed = try? EncryptedPrivateKey(content), sealed.derivation.isCheap,
            let key = try? sealed.open(password)
        {
            checkKey(key)
        }
        if let boxed = try? BoxedPrivateKey(content), boxed.derivation.isCheap, let key = try? boxed.open(password) {
            checkKey(key)
        }
    }
}

private func checkKey(_ key: SigningKey) {
    let again = try? PrivateKeyInfo.read(Array(PrivateKeyInfo.write(key)))
    precondition(again?.verificationKey == key.verificationKey)
}

extension KeyDerivation {
    fileprivate var isCheap: Bool {
        switch function {
        case .pbkdf2(let rounds, _): rounds <= 1_000
        case .scrypt(let n, let r, let p): 128 * n * r * p <= 1 << 20
        }
    }
}

/// What authorities and logs answer, which services there are, and tokens. What a fuzzer makes up is vouched for by
/// nobody, in whatever bundle it lies.
func fuzzServices(_ bytes: [UInt8]) {
    let now: Int64 = 1_800_000_000
    let certificate = ServiceAnswer.certificate(bytes)
    if let certificate { _ = ReaderProbe.certificate(certificate) }
    _ = ReaderProbe.timestampResponse(bytes)
    for entry in [ServiceAnswer.logEntry(bytes), ServiceAnswer.promisedEntry(bytes)?.encoded].compactMap({ $0 }) {
        var draft = BundleDraft(
            .message(sha256: HashAlgorithm.sha256.hash(bytes), signature: [0x30]),
            by: .certificate(certificate ?? [0x30, 0x00]))
        draft.logEntries = [entry]
        let policy = VerificationPolicy(signer: .identity(.exactly("a"), issuer: .exactly("b")))
        if let bundle = try? UnverifiedBundle(parsing: draft.encoded()) {
            let verified = try? BundleVerifier(root: .none).verify(bundle, of: Artifact(bytes: bytes), by: policy)
            precondition(verified == nil)
        }
    }
    if let list = try? ServiceList(parsing: bytes, now: now) {
        precondition(!list.logs.isEmpty && (!list.timestamps.isEmpty || list.logs.allSatisfy(\.version.isDated)))
        for address in [list.certificates] + list.logs.map(\.address) + list.timestamps {
            precondition((try? ServerAddress(parsing: address.description)) == address)
        }
    }
    _ = try? IdentityToken(bytes, now: now)
}

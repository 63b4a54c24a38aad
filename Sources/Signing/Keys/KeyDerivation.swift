internal import Crypto
internal import CryptoExtras
internal import DER

/// How the key that encrypts a private key is derived from a password (RFC 8018, RFC 7914).
struct KeyDerivation: Sendable, Hashable {
    enum Function: Sendable, Hashable {
        case pbkdf2(rounds: Int, PseudoRandomFunction)
        /// `n` is a power of two.
        case scrypt(n: Int, r: Int, p: Int)
    }

    enum PseudoRandomFunction: Sendable, Hashable { case sha256, sha384, sha512 }

    let function: Function
    let salt: [UInt8]

    /// What we write: the rounds that OWASP recommends for PBKDF2 with HMAC-SHA-256.
    static let roundsWritten = 600_000

    /// Files say how much work they cost whoever opens them: no more than some seconds, and 256 MiB.
    static let roundsMax = 10_000_000
    static let scryptBytesMax = 256 << 20
    static let saltBytesMax = 256

    /// - Throws: `.derivationTooCostly`, `.unsupportedEncryption` for numbers that the function is not defined for.
    init(_ function: Function, salt: [UInt8]) throws(SigningFault) {
        switch function {
        case .pbkdf2(let rounds, _):
            guard rounds >= 1 else { throw .unsupportedEncryption("a number of rounds") }
            guard rounds <= Self.roundsMax else { throw .derivationTooCostly }
        case .scrypt(let n, let r, let p):
            guard n >= 2, n.nonzeroBitCount == 1, r >= 1, p >= 1 else {
                throw .unsupportedEncryption("a cost of scrypt")
            }
            // Each compared by itself first, so that their product cannot overflow.
            guard n <= 1 << 24, r <= 1 << 10, p <= 1 << 10, 128 * n * r * p <= Self.scryptBytesMax else {
                throw .derivationTooCostly
            }
        }
        guard salt.count <= Self.saltBytesMax else { throw .unsupportedEncryption("a salt") }
        self.function = function
        self.salt = salt
    }

    /// - Returns: a key of 32 bytes.
    func key(from password: [UInt8]) throws(SigningFault) -> SymmetricKey {
        guard !password.isEmpty else { throw .passwordMissing }
        do {
            switch function {
            case .pbkdf2(let rounds, let hash):
                return try KDF.Insecure.PBKDF2.deriveKey(
                    from: password, salt: salt, using: hash.function, outputByteCount: 32,
                    unsafeUncheckedRounds: rounds)
            case .scrypt(let n, let r, let p):
                return try KDF.Scrypt.deriveKey(
                    from: password, salt: salt, outputByteCount: 32, rounds: n, blockSize: r, parallelism: p)
            }
        } catch {
            throw .libraryFailure
        }
    }

    /// AlgorithmIdentifier of PBKDF2 or scrypt.
    init(_ algorithm: DERReader) throws(SigningFault) {
        let function: Function
        let salt: [UInt8]
        do throws(DERFault) {
            var algorithm = algorithm
            let name = try algorithm.objectIdentifier()
            var parameters = try algorithm.sequence()
            salt = Array(try parameters.octetString())
            switch name {
            case .pbkdf2:
                let rounds = try parameters.smallInteger()
                if parameters.nextTag == .integer { _ = try parameters.smallInteger() }
                // Without one it is HMAC with SHA-1.
                guard !parameters.isAtEnd else { throw parameters.fault(.unexpectedTag) }
                var hash = try parameters.sequence()
                guard let known = PseudoRandomFunction(try hash.objectIdentifier()) else {
                    throw parameters.fault(.unexpectedTag)
                }
                function = .pbkdf2(rounds: rounds, known)
            case .scrypt:
                function = .scrypt(
                    n: try parameters.smallInteger(), r: try parameters.smallInteger(),
                    p: try parameters.smallInteger())
            default: throw algorithm.fault(.unexpectedTag)
            }
        } catch {
            throw .unsupportedEncryption("a way of deriving keys")
        }
        try self.init(function, salt: salt)
    }

    /// As the AlgorithmIdentifier of what we write, PBKDF2 with HMAC-SHA-256.
    static func encodedPBKDF2(rounds: UInt32, salt: [UInt8]) -> [UInt8] {
        let hash = ObjectIdentifier.hmacSHA256.encoded + DERWriter.element(.null, [])
        let parameters =
            DERWriter.element(.octetString, salt) + DERWriter.integer(rounds) + DERWriter.element(.sequence, hash)
        return DERWriter.element(
            .sequence, ObjectIdentifier.pbkdf2.encoded + DERWriter.element(.sequence, parameters))
    }
}

extension KeyDerivation.PseudoRandomFunction {
    fileprivate init?(_ name: ObjectIdentifier) {
        switch name {
        case .hmacSHA256: self = .sha256
        case .hmacSHA384: self = .sha384
        case .hmacSHA512: self = .sha512
        default: return nil
        }
    }

    fileprivate var function: KDF.Insecure.PBKDF2.HashFunction {
        switch self {
        case .sha256: .sha256
        case .sha384: .sha384
        case .sha512: .sha512
        }
    }
}

extension ObjectIdentifier {
    fileprivate static let pbkdf2 = ObjectIdentifier(1, 2, 840, 113549, 1, 5, 12)
    fileprivate static let scrypt = ObjectIdentifier(1, 3, 6, 1, 4, 1, 11591, 4, 11)
    fileprivate static let hmacSHA256 = ObjectIdentifier(1, 2, 840, 113549, 2, 9)
    fileprivate static let hmacSHA384 = ObjectIdentifier(1, 2, 840, 113549, 2, 10)
    fileprivate static let hmacSHA512 = ObjectIdentifier(1, 2, 840, 113549, 2, 11)
}

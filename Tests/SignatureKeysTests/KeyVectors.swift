import Foundation
import SignatureKeys
import StrictJSON
import Testing

/// Keys and signatures made by another implementation; `Tests/Vectors/signature-keys/make.py` says how.
struct KeyVectors {
    struct Signature {
        let scheme: SignatureScheme
        let message: [UInt8]
        let bytes: [UInt8]
    }

    struct SignedKey {
        let name: String
        let spki: [UInt8]
        let pem: String
        let pkcs1PEM: String?
        let signatures: [Signature]
    }

    struct RefusedKey {
        let name: String
        let fault: KeyFault
        let spki: [UInt8]
    }

    let keys: [SignedKey]
    let refused: [RefusedKey]

    init() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Vectors/signature-keys")
        let bytes = Array(try Data(contentsOf: folder.appending(path: "vectors.json")))
        let limits = JSONLimits(bytesMax: 1 << 20, nodesMax: 1 << 16, stringBytesMax: 1 << 16)
        var root = try FieldReader(try StrictJSON.parse(bytes, limits: limits))
        keys = try root.requiredArray("keys").map(Self.key)
        let faults = Self.faults
        refused = try root.requiredArray("refused").map { value in
            var fields = try FieldReader(value)
            return try RefusedKey(
                name: fields.requiredString("name"),
                fault: #require(faults[fields.requiredString("fault")]),
                spki: Self.bytes(fields.requiredString("spki")))
        }
    }

    private static let faults: [String: KeyFault] = [
        "tooLarge": .tooLarge, "malformed": .malformed, "unsupportedAlgorithm": .unsupportedAlgorithm,
        "unsupportedSize": .unsupportedSize, "invalidKey": .invalidKey,
    ]

    private static func key(_ value: JSONValue) throws -> SignedKey {
        var fields = try FieldReader(value)
        return try SignedKey(
            name: fields.requiredString("name"), spki: bytes(fields.requiredString("spki")),
            pem: fields.requiredString("pem"), pkcs1PEM: fields.optionalString("pkcs1_pem"),
            signatures: fields.requiredArray("signatures").map(signature))
    }

    private static func signature(_ value: JSONValue) throws -> Signature {
        var fields = try FieldReader(value)
        let hash = try HashAlgorithm(rawValue: fields.requiredString("hash"))
        let scheme: SignatureScheme
        switch try fields.requiredString("scheme") {
        case "ecdsa": scheme = .ecdsa(try #require(hash))
        case "pkcs1v15": scheme = .rsaPKCS1v15(try #require(hash))
        case "pss": scheme = .rsaPSS(try #require(hash))
        default: scheme = .ed25519
        }
        return try Signature(
            scheme: scheme, message: bytes(fields.requiredString("message")),
            bytes: bytes(fields.requiredString("signature")))
    }

    private static func bytes(_ base64: String) throws -> [UInt8] {
        try #require(Base64.decode(base64.utf8))
    }
}

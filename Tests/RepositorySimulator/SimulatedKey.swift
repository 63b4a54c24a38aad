internal import Crypto
public import StrictJSON

/// A key pair of a simulated repository, Ed25519 and the same at every run.
public struct SimulatedKey: Sendable, Hashable {
    /// Chooses the key.
    public let number: UInt8
    /// The identifier by which metadata calls the key; tests give one key several.
    public var keyID: String

    public init(_ number: UInt8) {
        self.number = number
        keyID = "key-\(number)"
    }

    private func privateKey() throws -> Curve25519.Signing.PrivateKey {
        try Curve25519.Signing.PrivateKey(rawRepresentation: [UInt8](repeating: number, count: 32))
    }

    public func json() throws -> JSONValue {
        [
            "keytype": "ed25519", "scheme": "ed25519",
            "keyval": ["public": .string(Self.hexadecimal(try privateKey().publicKey.rawRepresentation))],
        ]
    }

    public func signature(over message: [UInt8]) throws -> JSONValue {
        ["keyid": .string(keyID), "sig": .string(Self.hexadecimal(try privateKey().signature(for: message)))]
    }

    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}

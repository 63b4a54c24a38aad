public import OCI
public import RegistryPorts

/// The name of an upload in its address (distribution-spec 1.1, "Pushing blobs": a session ID).
///
/// Nobody can guess it, and only who began the upload may go on with it. It also says which digest the bytes are hashed
/// for, so that nothing else has to be remembered over a restart.
public struct UploadSession: Sendable, Hashable, CustomStringConvertible {
    /// 128 bits, none of them fixed.
    private static let entropyBytes = 16
    /// Digits in the groups of a UUID's text (RFC 9562 §4), which some clients read it as.
    private static let groups = [8, 4, 4, 4, 12]
    private static let longSuffix = "-sha512"

    public let algorithm: Digest.Algorithm
    /// As clients show it.
    public let uuid: String

    public init(_ entropy: any Entropy, hashing algorithm: Digest.Algorithm) {
        self.algorithm = algorithm
        let digits = entropy.bytes(Self.entropyBytes).lowercaseHex
        var rest = digits[...]
        uuid = Self.groups.map { count in
            defer { rest = rest.dropFirst(count) }
            return String(rest.prefix(count))
        }.joined(separator: "-")
    }

    /// - Returns: `nil` for what is not written as we write it.
    public init?(parsing text: String) {
        let isLong = text.hasSuffix(Self.longSuffix)
        algorithm = isLong ? .sha512 : .sha256
        uuid = isLong ? String(text.dropLast(Self.longSuffix.count)) : text
        let parts = uuid.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == Self.groups, parts.joined().allSatisfy(Self.isDigit) else { return nil }
    }

    /// How it stands in an address.
    public var description: String { algorithm == .sha512 ? uuid + Self.longSuffix : uuid }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}

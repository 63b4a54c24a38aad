internal import SignatureKeys
internal import StrictJSON

/// A token by which an OpenID Connect provider vouches for somebody (RFC 7519). Nothing here verifies it: the authority
/// that certificates are asked of does.
public struct IdentityToken: Sendable {
    public enum Fault: Error, Sendable, Hashable {
        /// Not three parts of base64url with claims in the second.
        case malformed
        case expired
        /// It counts only later.
        case early
    }

    let text: String

    /// Largest token that is read.
    public static let bytesMax = 16 << 10

    /// How far clocks may differ, in seconds.
    private static let skewSeconds: Int64 = 60

    /// Reads one line.
    ///
    /// - Parameter now: seconds since 1970. What has expired is not sent anywhere.
    public init(_ bytes: [UInt8], now: Int64) throws(Fault) {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D }
        guard bytes.count <= Self.bytesMax, let last = bytes.lastIndex(where: { !isBlank($0) }) else {
            throw .malformed
        }
        let line = bytes[...last].drop(while: isBlank)
        let parts = line.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(Self.isDigit) }),
            let claims = Self.decoded(parts[1]),
            let object = ServiceAnswer.object(claims, bytesMax: Self.bytesMax),
            let expiry = Self.seconds(object["exp"])
        else { throw .malformed }
        guard now < expiry else { throw .expired }
        if let start = Self.seconds(object["nbf"]), start - Self.skewSeconds > now { throw .early }
        text = String(decoding: line, as: UTF8.self)
    }

    /// NumericDate, with or without a fraction.
    private static func seconds(_ value: JSONValue?) -> Int64? {
        guard let number = value?.asNumber else { return nil }
        let seconds = number.int64 ?? number.double.flatMap { Int64(exactly: $0.rounded(.down)) }
        // Years beyond 9999 are nobody's.
        return seconds.flatMap { (0...253_402_300_799).contains($0) ? $0 : nil }
    }

    private static func decoded(_ part: ArraySlice<UInt8>) -> [UInt8]? {
        var text = part.map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: byte
            }
        }
        while !text.count.isMultiple(of: 4) { text.append(UInt8(ascii: "=")) }
        return Base64.decode(text)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

extension IdentityToken.Fault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed: "it is no token of OpenID Connect"
        case .expired: "it has expired"
        case .early: "it does not count yet"
        }
    }
}

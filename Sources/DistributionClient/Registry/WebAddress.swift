package import RegistryClient

/// A URL that a registry named, as far as a client needs to take it apart (RFC 3986).
package struct WebAddress: Sendable, Hashable, CustomStringConvertible {
    package var scheme: ServerAddress.Scheme
    /// Host and port, lower case.
    package var authority: String
    /// Path and query, beginning with a slash.
    package var target: String

    package init(scheme: ServerAddress.Scheme, authority: String, target: String) {
        self.scheme = scheme
        self.authority = authority
        self.target = target
    }

    /// Longest address that is followed.
    private static let bytesMax = 16 << 10

    /// Reads an absolute address, or one that is relative to `base`.
    ///
    /// - Returns: `nil` for anything that is not http(s), names a user, or holds what no address holds.
    package init?(_ text: String, relativeTo base: WebAddress?) {
        guard !text.isEmpty, text.utf8.count <= Self.bytesMax, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            return nil
        }
        let plain = String(text.prefix { $0 != "#" })
        if let split = Self.split(plain) {
            guard let address = try? ServerAddress(parsing: split.origin) else { return nil }
            self.init(scheme: address.scheme, authority: address.authority, target: split.target)
            return
        }
        guard let base, !plain.hasPrefix("//") else { return nil }
        let path = base.target.prefix { $0 != "?" }
        switch plain.first {
        case "/": self.init(scheme: base.scheme, authority: base.authority, target: plain)
        case "?": self.init(scheme: base.scheme, authority: base.authority, target: path + plain)
        case nil: self = base
        default:
            guard !plain.prefix(while: { $0 != "/" && $0 != "?" }).contains(":"), !plain.hasPrefix(".") else {
                return nil
            }
            let folder = path.prefix(through: path.lastIndex(of: "/") ?? path.startIndex)
            self.init(scheme: base.scheme, authority: base.authority, target: folder + plain)
        }
    }

    package var description: String { "\(scheme.rawValue)://\(authority)\(target)" }

    /// With one more parameter at the end of the query.
    package func adding(_ name: String, _ value: String) -> WebAddress {
        var address = self
        address.target += (target.contains("?") ? "&" : "?") + "\(name)=\(Self.escaped(value))"
        return address
    }

    /// Percent-encodes everything but RFC 3986's unreserved characters.
    static func escaped(_ text: String) -> String { ServerAddress.escaped(text) }

    package func isSameOrigin(as other: WebAddress) -> Bool {
        scheme == other.scheme && Self.withPort(authority, scheme) == Self.withPort(other.authority, other.scheme)
    }

    private static func withPort(_ authority: String, _ scheme: ServerAddress.Scheme) -> String {
        let afterHost = authority.hasPrefix("[") ? authority.drop { $0 != "]" } : authority[...]
        return afterHost.contains(":") && !afterHost.hasSuffix("]")
            ? authority : authority + (scheme == .https ? ":443" : ":80")
    }

    private static func split(_ text: String) -> (origin: String, target: String)? {
        let lowered = text.prefix(8).lowercased()
        let count = lowered.hasPrefix("https://") ? 8 : lowered.hasPrefix("http://") ? 7 : 0
        guard count > 0 else { return nil }
        let rest = text.dropFirst(count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let target = rest[authority.endIndex...]
        return (
            lowered.prefix(count) + String(authority),
            target.hasPrefix("/") ? String(target) : "/" + target
        )
    }
}

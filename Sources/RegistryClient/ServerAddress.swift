/// Why a text is not the address of a registry.
public enum AddressFault: String, Error, Sendable, CaseIterable {
    case scheme = "an address starts with http:// or https://"
    case credentials = "an address holds no user name or password; use a token file"
    case host = "the host name or IP address is missing or malformed"
    case port = "a port is a number from 1 to 65535"
    case path = "the path holds a character that is not allowed, a query or a fragment"
}

/// Where a registry is: `http://127.0.0.1:8470`, `https://registry.example/models`.
public struct ServerAddress: Sendable, Hashable, CustomStringConvertible {
    public enum Scheme: String, Sendable, Hashable {
        case http, https
    }

    public let scheme: Scheme

    /// Lower case; an IPv6 address in brackets.
    public let host: String

    /// `nil` for the scheme's own port.
    public let port: Int?

    /// Prefix of all paths, without a trailing slash; mostly empty.
    public let basePath: String

    /// Parses an address. Nothing but scheme, host, port and a plain path is accepted.
    public init(parsing text: String) throws(AddressFault) {
        var rest: Substring
        if text.hasPrefix("https://") {
            scheme = .https
            rest = text.dropFirst("https://".count)
        } else if text.hasPrefix("http://") {
            scheme = .http
            rest = text.dropFirst("http://".count)
        } else {
            throw .scheme
        }
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        rest = rest[authority.endIndex...]
        guard !authority.contains("@") else { throw .credentials }
        (host, port) = try Self.hostAndPort(authority)
        guard rest.utf8.allSatisfy(Self.isPlainPathByte), !rest.contains("//"), !rest.contains("..") else {
            throw .path
        }
        basePath = String(rest.hasSuffix("/") ? rest.dropLast() : rest)
    }

    /// `scheme://host[:port][/path]`, without a trailing slash.
    public var description: String {
        "\(scheme.rawValue)://\(host)\(port.map { ":\($0)" } ?? "")\(basePath)"
    }

    /// `host` or `host:port`, as in the name of an image.
    public var authority: String {
        host + (port.map { ":\($0)" } ?? "")
    }

    /// Whether the registry runs on this machine, so that nobody else can listen.
    public var isLoopback: Bool {
        if host == "localhost" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// The URL of a path of the API, which is already made of characters that need no escape.
    func url(_ path: String, query: [(name: String, value: String)] = []) -> String {
        let parameters = query.map { "\(Self.escaped($0.name))=\(Self.escaped($0.value))" }
        return description + path + (parameters.isEmpty ? "" : "?" + parameters.joined(separator: "&"))
    }

    private static func hostAndPort(_ authority: Substring) throws(AddressFault) -> (String, Int?) {
        let host: Substring
        let rest: Substring
        if authority.hasPrefix("[") {
            guard let close = authority.firstIndex(of: "]") else { throw .host }
            host = authority[...close]
            rest = authority[authority.index(after: close)...]
            let inside = host.dropFirst().dropLast()
            guard inside.utf8.count >= 2, inside.utf8.allSatisfy({ isHexDigit($0) || $0 == colon || $0 == dot }) else {
                throw .host
            }
        } else {
            host = authority.prefix { $0 != ":" }
            rest = authority[host.endIndex...]
            guard !host.isEmpty, host.utf8.count <= 253, host.utf8.allSatisfy(isHostByte) else { throw .host }
        }
        guard !rest.isEmpty else { return (host.lowercased(), nil) }
        let digits = rest.dropFirst()
        guard rest.hasPrefix(":"), digits.utf8.allSatisfy(isDigit), let port = Int(digits), (1...65_535).contains(port)
        else { throw .port }
        return (host.lowercased(), port)
    }

    /// Percent-encodes everything but RFC 3986's unreserved characters.
    package static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if isUnreserved(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let colon = UInt8(ascii: ":")
    private static let dot = UInt8(ascii: ".")

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || isLetter(byte) || byte == dot || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        isHostByte(byte) || byte == UInt8(ascii: "~")
    }

    private static func isPlainPathByte(_ byte: UInt8) -> Bool {
        isUnreserved(byte) || byte == UInt8(ascii: "/")
    }
}

import HTTPTypes
import Hummingbird
import RegistryCore

/// Refuses requests that a web page of somebody else made: DNS rebinding shows in `Host`, cross-site requests in
/// `Origin`.
struct HostGuard: Sendable {
    private let names: Set<String>

    /// - Parameter names: host names of this registry, besides `localhost` and addresses.
    init(names: [String]) {
        self.names = Set(names.map { $0.lowercased() } + ["localhost"])
    }

    /// - Throws: `.hostNotAllowed`, `.originNotAllowed`.
    func check(_ request: Request) throws(RegistryError) {
        let authority = request.head.authority ?? ""
        guard let host = Self.host(of: authority), names.contains(host) || Self.isAddress(host) else {
            throw RegistryError(.hostNotAllowed, "The Host of the request is not a name of this registry.")
        }
        if let origin = request.headers[.origin] {
            guard let authorityOfOrigin = Self.authority(ofOrigin: origin),
                authorityOfOrigin == authority.lowercased()
            else { throw RegistryError(.originNotAllowed, "Pages of other origins cannot use this registry.") }
        }
    }

    /// RFC 6454 §7: `scheme://host[:port]`. An opaque origin is the text `null` and has none.
    static func authority(ofOrigin origin: String) -> String? {
        let parts = origin.lowercased().split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].hasSuffix(":"), parts[1].isEmpty else { return nil }
        return String(parts[2])
    }

    /// The host without its port, in lower case; of an IPv6 address, without brackets (RFC 9110 §7.2).
    static func host(of authority: String) -> String? {
        let text = authority.lowercased()[...]
        let host: Substring
        let rest: Substring
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            rest = text[text.index(after: end)...]
            guard host.contains(":") else { return nil }
        } else {
            host = text.prefix { $0 != ":" }
            rest = text[host.endIndex...]
        }
        let port = rest.dropFirst()
        guard !host.isEmpty, rest.isEmpty || rest.first == ":" && port.allSatisfy({ $0.isASCII && $0.isNumber }) else {
            return nil
        }
        return String(host)
    }

    /// An address cannot be rebound by somebody's name server.
    static func isAddress(_ host: String) -> Bool {
        if host.contains(":") { return host.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." } }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }
}

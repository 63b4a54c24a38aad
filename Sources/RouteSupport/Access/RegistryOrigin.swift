import HTTPTypes
package import Hummingbird
import RegistryCore

/// Under which address clients know this registry.
///
/// Without a configured one it is the address that the client used; that has passed `HostGuard`.
public struct RegistryOrigin: Sendable {
    private let externalURL: String?
    private let names: Set<String>
    private let isSecure: Bool

    /// - Parameters:
    ///   - externalURL: scheme, host and port, without a slash at the end; `nil` for what clients use.
    ///   - names: host names and addresses of this registry.
    ///   - isSecure: whether every connection to it is under TLS.
    public init(externalURL: String?, names: [String], isSecure: Bool = false) {
        self.externalURL = externalURL
        self.isSecure = isSecure
        self.names = Set(names.map { $0.lowercased() })
    }

    /// `http://host:port`, or `https` under TLS. A proxy that ends TLS says so in a field of its own; who else says so
    /// misleads only itself.
    package func url(_ request: Request) -> String {
        if let externalURL { return externalURL }
        let scheme = request.headers[Self.forwardedScheme]?.prefix { $0 != "," }
        let isSecure = isSecure || scheme?.lowercased() == "https"
        return "\(isSecure ? "https" : "http")://\(request.head.authority ?? "")"
    }

    /// The host and port of that.
    func authority(_ request: Request) -> String {
        let url = url(request)
        return url.firstRange(of: "://").map { String(url[$0.upperBound...]) } ?? url
    }

    /// The addresses for which a client may have signed a request, or none.
    ///
    /// A signature counts at the registry that it was made for. `HostGuard` lets every address pass, and `localhost`:
    /// what a client signed for a server on its own machine must not count at ours.
    ///
    /// - Parameter local: the address that the connection came to.
    func signedAddresses(_ request: Request, reached local: String?) -> [String] {
        if let externalURL { return [externalURL] }
        guard let authority = request.head.authority, let host = HostGuard.host(of: authority) else { return [] }
        let local = local.map { $0.hasPrefix("::ffff:") ? String($0.dropFirst(7)) : $0 }
        let isLoopback = local == "::1" || local?.hasPrefix("127.") == true
        guard names.contains(host) || host == local || host == "localhost" && isLoopback else { return [] }
        return (isSecure ? ["https"] : ["http", "https"]).map { "\($0)://\(authority)" }
    }

    private static let forwardedScheme = HTTPField.Name(parsed: "x-forwarded-proto") ?? .via
}

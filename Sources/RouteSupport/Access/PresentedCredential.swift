import FoundationEssentials
import HTTPTypes
import Hummingbird
import RegistryCore

/// What the `Authorization` of a request holds. Nothing of it is believed yet.
enum PresentedCredential {
    /// A secret of somebody's, or a token of ours: of Bearer (RFC 6750), or the password of Basic (RFC 7617), whatever
    /// the user is called.
    case token(Substring)
    /// A public key and a signature, both base64, as Ollama asks for a token.
    case signature(key: Substring, signature: Substring)

    /// - Returns: `nil` when there is none.
    /// - Throws: `.unauthorized` for what cannot be used at this path.
    init?(_ request: Request) throws(RegistryError) {
        guard let value = request.headers[.authorization] else {
            guard let token = Self.inAddress(request) else { return nil }
            self = .token(token)
            return
        }
        let parts = value.split(separator: " ", maxSplits: 1)
        let path = request.uri.path
        if parts.count == 2, !parts[1].isEmpty {
            switch parts[0].lowercased() {
            case "bearer":
                self = .token(parts[1])
                return
            case "basic" where DistributionDoor.has(path):
                if let password = Self.password(parts[1]) {
                    self = .token(password)
                    return
                }
            default: break
            }
        }
        if path == DistributionDoor.tokenPath, parts.count == 1, let colon = value.firstIndex(of: ":") {
            self = .signature(key: value[..<colon], signature: value[value.index(after: colon)...])
            return
        }
        throw RegistryError(.unauthorized, "The credential cannot be used here.")
    }

    /// The token in the address of a blob (RFC 6750 §2.3), which nothing else takes.
    private static func inAddress(_ request: Request) -> Substring? {
        guard request.uri.query != nil, request.method == .get || request.method == .head,
            DistributionDoor.isBlob(request.uri.path)
        else { return nil }
        return request.uri.queryParameters[Substring(DistributionDoor.addressToken)]
    }

    private static func password(_ credentials: Substring) -> Substring? {
        guard let data = Data(base64Encoded: String(credentials)), let text = String(validating: data, as: UTF8.self),
            let colon = text.firstIndex(of: ":")
        else { return nil }
        return text[text.index(after: colon)...]
    }
}

import HTTPTypes
package import Hummingbird
package import OCI
package import RegistryCore
import StrictJSON

/// What is different at the door that speaks the OCI distribution protocol.
package enum DistributionDoor {
    package static let path = "/v2"
    /// Where its clients fetch tokens.
    package static let tokenPath = "/token"

    static func has(_ path: String) -> Bool {
        path.hasPrefix(Self.path) && (path.utf8.count == Self.path.utf8.count || path.hasPrefix(Self.path + "/"))
            || path == tokenPath
    }

    static func has(_ request: Request) -> Bool {
        // Asked more than once for each request: the target as it came needs no copy.
        guard let target = request.head.path, target.utf8.first == UInt8(ascii: "/") else {
            return has(request.uri.path)
        }
        for door in [path, tokenPath] where target.hasPrefix(door) {
            guard let next = target.utf8.dropFirst(door.utf8.count).first else { return true }
            if next == UInt8(ascii: "?") || next == UInt8(ascii: "/") && door == path { return true }
        }
        return false
    }

    /// Whether it is the address of an upload that was begun.
    static func isUploadSession(_ path: String) -> Bool {
        guard path.hasPrefix(Self.path + "/"),
            case .upload? = DistributionPath(parsing: path.dropFirst(Self.path.count + 1))?.endpoint
        else { return false }
        return true
    }

    /// Whether it is the address of a blob.
    static func isBlob(_ path: String) -> Bool {
        guard path.hasPrefix(Self.path + "/"),
            case .blob? = DistributionPath(parsing: path.dropFirst(Self.path.count + 1))?.endpoint
        else { return false }
        return true
    }

    /// The name that somebody may mean who says `library/NAME`: Ollama puts that before each name that has no namespace
    /// (ollama, `types/model/name.go`).
    ///
    /// - Returns: `nil` for all other names.
    package static func withoutLibrary(_ repository: RepositoryName) -> RepositoryName? {
        let name = repository.description
        guard name.hasPrefix("library/") else { return nil }
        let rest = name.dropFirst("library/".count)
        return rest.contains("/") ? nil : try? RepositoryName(parsing: String(rest))
    }

    /// The parameter of a blob's address that holds a token.
    package static let addressToken = "access_token"

    /// The error document of distribution-spec 1.1, "Error Codes". Our own code goes along in `detail`.
    package static func answer(_ error: RegistryError) -> Response {
        var detail = error.detail
        detail["code"] = .string(error.code.rawValue)
        let document = DistributionError(error.code.distributionCode, error.message, detail: detail)
        return Response.json(document.json, status: .init(code: error.code.distributionStatus))
    }

    /// What docker and some scanners look for (distribution API, "API Version Check").
    static let version = HTTPField.Name(parsed: "docker-distribution-api-version") ?? .server
    static let versionValue = "registry/2.0"
}

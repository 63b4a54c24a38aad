package import HTTPTypes
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
        var response = Response.json(document.json, status: .init(code: error.code.distributionStatus))
        response.headers[version] = versionValue
        return response
    }

    /// What docker and some scanners look for (distribution API, "API Version Check").
    package static let version = HTTPField.Name(parsed: "docker-distribution-api-version") ?? .server
    package static let versionValue = "registry/2.0"
}

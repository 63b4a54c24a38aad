internal import RegistryClient

/// The registry of a reference: a host and perhaps a port, as in the names of images.
public struct RegistryHost: Sendable, Hashable, CustomStringConvertible {
    /// Lower case, with the port if one was named.
    public let description: String

    /// - Returns: `nil` for what is no host.
    public init?(parsing text: String) {
        guard let address = try? ServerAddress(parsing: "https://" + text), address.basePath.isEmpty,
            !text.hasSuffix("/")
        else { return nil }
        description = address.authority
    }

    /// Where the API is: Docker Hub's own name is not the name of the machine that answers.
    var apiAuthority: String {
        description == "docker.io" ? "registry-1.docker.io" : description
    }

    /// Whether the registry runs on this machine, so that nobody else can listen.
    public var isLoopback: Bool {
        (try? ServerAddress(parsing: "http://" + description))?.isLoopback ?? false
    }

    /// Whether it has one port, however it is spoken to.
    var namesPort: Bool {
        (try? ServerAddress(parsing: "https://" + description))?.port != nil
    }

    /// Under which names configuration files may keep the credential (docker's `config.json`, `auths`).
    public var credentialKeys: [String] {
        let ownKeys = [description, "https://" + description, "http://" + description]
            .flatMap { [$0, $0 + "/", $0 + "/v1/", $0 + "/v2/"] }
        return description == "docker.io" ? ["https://index.docker.io/v1/", "index.docker.io"] + ownKeys : ownKeys
    }
}

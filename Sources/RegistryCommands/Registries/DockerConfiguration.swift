internal import DistributionClient

/// A file in which docker, podman and their relatives keep credentials for registries.
struct DockerConfiguration: Sendable {
    private let path: String
    private let auths: DockerAuths

    /// The files that there are, in the order in which they are asked.
    static func all(_ environment: [String: String]) throws(CommandFailure) -> [DockerConfiguration] {
        var found: [DockerConfiguration] = []
        for path in paths(environment) {
            do throws(CommandFailure) {
                found.append(try DockerConfiguration(path))
            } catch {
                guard error.status == .noInput else { throw error }
            }
        }
        return found
    }

    /// `REGISTRY_AUTH_FILE` alone where that is set, else docker's file and then podman's.
    private static func paths(_ environment: [String: String]) -> [String] {
        if let named = environment["REGISTRY_AUTH_FILE"], !named.isEmpty { return [named] }
        var paths: [String] = []
        if let folder = environment["DOCKER_CONFIG"], !folder.isEmpty {
            paths.append(folder + "/config.json")
        } else if let home = environment["HOME"], home.hasPrefix("/") {
            paths.append(home + "/.docker/config.json")
        }
        if let runtime = environment["XDG_RUNTIME_DIR"], runtime.hasPrefix("/") {
            paths.append(runtime + "/containers/auth.json")
        }
        return paths
    }

    private init(_ path: String) throws(CommandFailure) {
        guard let auths = DockerAuths(parsing: try LocalFile(path).readAll(bytesMax: DockerAuths.bytesMax)) else {
            throw CommandFailure(.configuration, "\(path) is no JSON object: credentials cannot be read from it.")
        }
        self.path = path
        self.auths = auths
    }

    /// What the file says of a registry; `nil` for nothing.
    func entry(for registry: RegistryHost) throws(CommandFailure) -> DockerAuths.Entry? {
        do throws(DockerAuths.Fault) {
            return try auths.entry(for: registry)
        } catch {
            throw CommandFailure(
                .configuration, "\(path): auth of \(error.key) is not name:password in Base64.")
        }
    }
}

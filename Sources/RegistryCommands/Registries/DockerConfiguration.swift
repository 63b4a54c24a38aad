internal import DistributionClient
internal import FoundationEssentials
internal import StrictJSON

/// A file in which docker, podman and their relatives keep credentials for registries.
struct DockerConfiguration: Sendable {
    /// Where a credential is.
    enum Entry: Sendable {
        case stored(RegistryCredential)
        /// A program, `docker-credential-NAME`, and what it is asked about.
        case helper(String, key: String)
    }

    private let path: String
    private let object: JSONObject

    private static let bytesMax = 4 << 20

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
        let bytes = try LocalFile(path).readAll(bytesMax: Self.bytesMax)
        let limits = JSONLimits(bytesMax: Self.bytesMax, nodesMax: 100_000, stringBytesMax: 1 << 20)
        guard let object = (try? StrictJSON.parse(bytes, limits: limits))?.asObject else {
            throw CommandFailure(.configuration, "\(path) is no JSON object: credentials cannot be read from it.")
        }
        self.path = path
        self.object = object
    }

    /// What the file says of a registry; `nil` for nothing.
    func entry(for registry: RegistryHost) throws(CommandFailure) -> Entry? {
        let keys = registry.credentialKeys
        let helpers = object["credHelpers"]?.asObject
        for key in keys {
            if let helper = helpers?[key]?.asString { return .helper(helper, key: key) }
        }
        let entries = object["auths"]?.asObject
        for key in keys {
            if let entry = entries?[key]?.asObject, let stored = try stored(entry, key) { return .stored(stored) }
        }
        guard let store = object["credsStore"]?.asString, !store.isEmpty else { return nil }
        let named = keys.first { entries?[$0] != nil }
        return .helper(store, key: named ?? keys.first ?? registry.description)
    }

    private func stored(_ entry: JSONObject, _ key: String) throws(CommandFailure) -> RegistryCredential? {
        if let token = entry["identitytoken"]?.asString, !token.isEmpty { return .refreshToken(token) }
        if let user = entry["username"]?.asString, let password = entry["password"]?.asString, !user.isEmpty {
            return .basic(user: user, password: password)
        }
        guard let text = entry["auth"]?.asString, !text.isEmpty else { return nil }
        guard let bytes = Data(base64Encoded: text), let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else {
            throw CommandFailure(.configuration, "\(path): auth of \(key) is not name:password in Base64.")
        }
        return .basic(
            user: String(decoding: bytes[..<colon], as: UTF8.self),
            password: String(decoding: bytes[bytes.index(after: colon)...], as: UTF8.self))
    }
}

internal import FoundationEssentials
internal import StrictJSON

/// What a file says in which docker, podman and their relatives keep credentials for registries: docker's
/// `config.json`, podman's `auth.json`.
public struct DockerAuths: Sendable {
    /// Where a credential is.
    public enum Entry: Sendable {
        case stored(RegistryCredential)
        /// A program, `docker-credential-NAME`, and what it is asked about.
        case helper(String, key: String)
    }

    /// `auth` of the entry under `key` is not name and password in Base64.
    public struct Fault: Error, Sendable {
        public let key: String
    }

    /// Longest file that is read.
    public static let bytesMax = 4 << 20

    private let object: JSONObject

    /// - Returns: `nil` for what is no JSON object.
    public init?(parsing bytes: [UInt8]) {
        let limits = JSONLimits(bytesMax: Self.bytesMax, nodesMax: 100_000, stringBytesMax: 1 << 20)
        guard let object = (try? StrictJSON.parse(bytes, limits: limits))?.asObject else { return nil }
        self.object = object
    }

    /// What the file says of a registry; `nil` for nothing.
    public func entry(for registry: RegistryHost) throws(Fault) -> Entry? {
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

    private func stored(_ entry: JSONObject, _ key: String) throws(Fault) -> RegistryCredential? {
        if let token = entry["identitytoken"]?.asString, !token.isEmpty { return .refreshToken(token) }
        if let user = entry["username"]?.asString, let password = entry["password"]?.asString, !user.isEmpty {
            return .basic(user: user, password: password)
        }
        guard let text = entry["auth"]?.asString, !text.isEmpty else { return nil }
        guard let bytes = Data(base64Encoded: text), let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else {
            throw Fault(key: key)
        }
        return .basic(
            user: String(decoding: bytes[..<colon], as: UTF8.self),
            password: String(decoding: bytes[bytes.index(after: colon)...], as: UTF8.self))
    }
}

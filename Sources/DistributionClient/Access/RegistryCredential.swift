public import RegistryClient

/// With what somebody proves to a registry who they are.
public enum RegistryCredential: Sendable {
    /// Name and password, or any name and a token (RFC 7617).
    case basic(user: String, password: String)
    /// What a token service takes for new tokens, as `docker login` keeps it (`identitytoken`).
    case refreshToken(String)
    /// Sent as it is with each request (RFC 6750).
    case bearer(BearerToken)
}

extension RegistryCredential: CustomStringConvertible, CustomDebugStringConvertible {
    /// Never the secret.
    public var description: String { "(credential)" }
    public var debugDescription: String { description }
}

/// Knows the credential for a registry.
public protocol RegistryCredentials: Sendable {
    /// - Returns: `nil` when there is none: whoever asks goes on as nobody.
    func credential(for registry: RegistryHost) async throws -> RegistryCredential?
}

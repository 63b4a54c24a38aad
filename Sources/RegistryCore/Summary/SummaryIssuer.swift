public import TransparencyLog

/// As whom a registry signs summaries.
public struct SummaryIssuer: Sendable, Hashable {
    /// URI of the registry as a verifier.
    public var verifierID: String
    /// Under which clients reach it, without a slash at the end.
    public var baseURL: String
    public var origin: LogOrigin

    /// - Parameters:
    ///   - verifierID: `nil` for `https://` and the log's origin, which is as much one registry's as its key is.
    ///   - externalURL: `nil` for the same.
    public init(origin: LogOrigin, verifierID: String?, externalURL: String?) {
        let own = "https://\(origin)"
        self.origin = origin
        self.verifierID = verifierID ?? own
        baseURL = externalURL ?? own
    }

    /// What an artifact is verified as: where its record is.
    func resourceURI(of name: ArtifactName) -> String { "\(baseURL)\(Self.path(of: name))" }

    static func path(of name: ArtifactName) -> String { "/v1/model/\(name)" }
}

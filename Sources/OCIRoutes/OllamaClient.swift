import HTTPTypes
import Hummingbird
import OCI
import RegistryCore
import RegistryServices
import RouteSupport

/// What Ollama needs beyond the specification. A request says by its fields that it is one of Ollama's; nobody else is
/// answered so.
///
/// Source: ollama, `server/upload.go`, `server/download.go`, `x/transfer/upload.go`.
struct OllamaClient {
    private let request: Request

    init(_ request: Request) {
        self.request = request
    }

    /// Sent by the code that moves whole models; tensors, which are moved by other code, take any address.
    var takesWholeAddresses: Bool { request.headers[.userAgent]?.hasPrefix("ollama/") ?? false }

    /// It asks by `HEAD` which blobs it need not push, by a token to pull or without one, and gives up where that is
    /// refused.
    var asksBeforePushing: Bool { request.method == .head && takesWholeAddresses }

    /// A part that broke off is sent again from its beginning, although we keep what came of it.
    var sendsPartsAgain: Bool { request.headers[Self.redirectUploads] != nil }

    /// `POST ?digest=` begins an upload of tensors, or finds that there is nothing to upload. Its body comes later.
    var onlyAsksForDigest: Bool { request.headers[Self.redirectUploads] != nil && OCIRoutes.announced(request) == 0 }

    private static let redirectUploads = HTTPField.Name(parsed: "x-redirect-uploads") ?? .vary
}

extension OCIRoutes {
    /// What stands before the path of an upload. Addresses are relative, so that whichever name the client knows us by
    /// stays right; Ollama sends what follows to nowhere then.
    func uploadBase(_ request: Request) -> String {
        OllamaClient(request).takesWholeAddresses ? rules.origin.url(request) : ""
    }

    /// Whether `HEAD` says what the repository holds, trusted or not, as it does to whoever pushes.
    func isToldWhatIsHere(
        _ repository: RepositoryKey, _ request: Request, _ context: RegistryRequestContext
    ) -> Bool {
        mayPush(to: repository, context)
            || OllamaClient(request).asksBeforePushing && context.principal.holds(.push, on: repository.name)
    }

    /// Looks for a blob. Who showed nothing and is refused it may be about to push it, and is asked for a credential.
    func asking<Found>(
        _ request: Request, _ context: RegistryRequestContext, _ find: () async throws(RegistryError) -> Found
    ) async throws(RegistryError) -> Found {
        do {
            return try await find()
        } catch {
            guard error.code.distributionStatus == 403, OllamaClient(request).asksBeforePushing,
                context.principal.identity == .anonymous, rules.asksForToken
            else { throw error }
            throw RegistryError(.unauthorized, "Whoever may push is told what is here.", detail: error.detail)
        }
    }

    /// Where the parts of a blob are fetched from, by requests that do not show who sends them: Ollama looks for
    /// `Location` in whatever answer it gets to its first request of a blob. Nobody else is told: the address holds a
    /// token.
    func addressForOllama(
        _ digest: Digest, _ repository: RepositoryKey, _ request: Request, _ context: RegistryRequestContext
    ) -> String? {
        guard request.method == .get, OllamaClient(request).takesWholeAddresses else { return nil }
        let path = "\(DistributionDoor.path)/\(repository.name)/blobs/\(digest)"
        guard let token = rules.addressToken(context.principal, pulling: repository.name) else { return path }
        return "\(path)?\(DistributionDoor.addressToken)=\(token)"
    }
}

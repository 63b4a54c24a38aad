import HTTPTypes
import Hummingbird
import NIOCore
import OCI
import RegistryCore
import RegistryServices
import RouteSupport

extension OCIRoutes {
    /// `GET` and `HEAD /v2/{name}/manifests/{reference}`.
    ///
    /// The bytes and the type are those that were stored, whatever `Accept` says: another form of a manifest would have
    /// another digest, and clients that ask for one type alone read others as well.
    func manifest(
        _ text: String, _ repository: RepositoryName, _ request: Request, _ context: RegistryRequestContext
    ) async throws -> Response {
        guard let decoded = String(percentDecoding: text[...]), let reference = Reference(parsing: decoded) else {
            throw RegistryError(.manifestNotFound, "No manifest has such a name.")
        }
        let manifest = try await repositories.manifest(reference, in: repository)
        let content = ImmutableContent(
            .inMemory(ByteBuffer(bytes: manifest.bytes)), contentType: manifest.mediaType.name,
            tag: manifest.digest.description)
        var response = try content.answer(request, context) { true }
        response.headers[.dockerContentDigest] = manifest.digest.description
        // What a tag points at changes, and trust may end: nobody answers for us.
        response.headers[.cacheControl] = "private, no-cache"
        return response
    }
}

extension HTTPField.Name {
    /// distribution-spec 1.1, "Pulling manifests".
    static let dockerContentDigest = HTTPField.Name(parsed: "docker-content-digest") ?? .eTag
}

import HTTPTypes
import Hummingbird
import NIOCore
import OCI
import RegistryCore
import RegistryServices
import RouteSupport

extension OCIRoutes {
    /// `GET` and `HEAD /v2/{name}/blobs/{digest}`, with one range at a time.
    func blob(
        _ text: String, _ repository: RepositoryName, _ request: Request, _ context: RegistryRequestContext
    ) async throws -> Response {
        let blob = try await repositories.blob(try Digest(inPath: text), in: repository)
        let bytes: ImmutableContent.Bytes =
            switch blob.content {
            case .file(let file): .file(file)
            case .document(let document): .inMemory(ByteBuffer(bytes: document))
            }
        let content = ImmutableContent(
            bytes, contentType: "application/octet-stream", tag: blob.digest.description)
        let repositories = repositories
        var response = try content.answer(request, context) { await repositories.isStillServable(blob.artifact) }
        response.headers[.dockerContentDigest] = blob.digest.description
        // Whoever has the bytes may keep them; what stands between us must not answer in our place.
        response.headers[.cacheControl] = "private, max-age=31536000, immutable"
        return response
    }
}

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
        _ text: String, _ repository: RepositoryKey, _ request: Request, _ context: RegistryRequestContext
    ) async throws -> Response {
        let digest = try Digest(inPath: text)
        if request.method == .head, isToldWhatIsHere(repository, request, context) {
            // What no manifest could name has to be sent, whatever else is known of it.
            let size = try await services.repositories.blobSize(
                digest, in: repository, receivedSince: services.publishing.receivedSince)
            guard let size else {
                throw RegistryError(.blobNotFound, "\(repository.name) has no blob \(digest) that could be named.")
            }
            return blobHead(digest, size)
        }
        let blob = try await asking(request, context) { () async throws(RegistryError) in
            try await services.repositories.blob(digest, in: repository, try right(repository, context))
        }
        let bytes: ImmutableContent.Bytes =
            switch blob.content {
            case .file(let file): .file(file)
            case .document(let document): .inMemory(ByteBuffer(bytes: document))
            }
        let tag = blob.digest.description
        let content = ImmutableContent(bytes, contentType: "application/octet-stream", tag: tag)
        let repositories = services.repositories
        var response = try content.answer(request, context) { [receipt = blob.receipt] in
            await repositories.mayGoOn(receipt)
        }
        response.headers[.dockerContentDigest] = tag
        response.headers[.cacheControl] = Self.mayBeKept
        if response.status == .ok, let address = addressForOllama(blob.digest, repository, request, context) {
            response.headers[.location] = address
        }
        return response
    }

    /// Whoever has the bytes may keep them; what stands between us must not answer in our place.
    private static let mayBeKept = "private, max-age=31536000, immutable"

    /// Who pushes asks which bytes need not be sent.
    private func blobHead(_ digest: Digest, _ sizeBytes: UInt64) -> Response {
        var headers: HTTPFields = [
            .contentType: "application/octet-stream", .contentLength: String(sizeBytes), .acceptRanges: "bytes",
            .eTag: EntityTag(digest.description).description, .cacheControl: Self.mayBeKept,
        ]
        headers[.dockerContentDigest] = digest.description
        return Response(status: .ok, headers: headers)
    }

    /// `DELETE /v2/{name}/blobs/{digest}`: of bytes that no manifest names.
    func deleteBlob(
        _ text: String, _ repository: RepositoryKey, _ context: RegistryRequestContext
    ) async throws -> Response {
        try await services.removal.removeBlob(try Digest(inPath: text), from: repository, context.caller)
        return Response(status: .accepted, headers: [.contentLength: "0"])
    }
}

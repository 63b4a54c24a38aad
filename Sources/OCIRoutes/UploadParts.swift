import HTTPTypes
import Hummingbird
import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RouteSupport

// Parts of a blob, several at a time (docs/adr/0013). Nobody who does not ask for them meets any of this.
extension OCIRoutes {
    /// `PATCH` with `Content-Range: bytes a-b/length`: bytes of a part, in any order. What a broken connection
    /// delivered is kept.
    func patchPart(
        _ chunk: Chunk, of total: UInt64, _ session: UploadSession, _ repository: RepositoryKey, _ request: Request,
        _ caller: Caller
    ) async throws -> Response {
        let (first, count) = (chunk.offset ?? 0, chunk.count ?? 0)
        do {
            let writer = try await services.uploads.openPart(
                first..<first + count, of: total, session, in: repository, caller)
            try await writer.take(request.body, upTo: count)
            do throws(StorageFault) { try await writer.suspend() } catch { throw RegistryError(error) }
            let received = await writer.offset - first
            guard received == count else { throw Chunk.mismatch(received) }
        } catch let error as RegistryError {
            throw try await discarding(session, repository, caller, error)
        }
        let standing = try await services.uploads.standing(of: session, in: repository, caller)
        return answer(standing, of: session, in: repository, .accepted, request)
    }

    /// Ends an upload whose parts are all here.
    func endParts(
        _ chunk: Chunk, _ request: Request, as digest: Digest, _ session: UploadSession, _ repository: RepositoryKey,
        _ caller: Caller
    ) async throws {
        guard chunk.offset == nil, chunk.count ?? 0 == 0 else { throw Chunk.partAtTheEnd }
        let writer = try await services.uploads.join(session, in: repository, endingAs: digest, caller)
        // A body that nobody announced is none, or is refused.
        try await writer.take(request.body, upTo: 0)
        do throws(RegistryError) {
            try await services.uploads.finish(writer, as: digest, in: repository, caller)
        } catch {
            throw try await discarding(session, repository, caller, error)
        }
    }
}

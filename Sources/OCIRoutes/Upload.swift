import HTTPTypes
import Hummingbird
import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RouteSupport
import StrictJSON

// `/v2/{name}/blobs/uploads/{session}` (distribution-spec 1.1, "Pushing a blob in chunks").
extension OCIRoutes {
    /// `PATCH`: the next bytes, with `Content-Range: a-b` or wherever the upload stands. What a broken connection
    /// delivered is kept.
    func patchUpload(
        _ text: String, _ repository: RepositoryKey, _ request: Request, _ context: RegistryRequestContext
    ) async throws -> Response {
        let session = try UploadSession(inPath: text)
        let caller = try context.caller
        return try await answering(session, repository, request, caller) {
            let chunk = try Chunk(request)
            if let total = chunk.total {
                return try await patchPart(chunk, of: total, session, repository, request, caller)
            }
            let writer = try await take(chunk, of: request, session, repository, endingAs: nil, caller)
            do throws(StorageFault) { try await writer.suspend() } catch {
                throw try await discarding(session, repository, caller, RegistryError(error))
            }
            let standing = UploadStanding(offset: await writer.offset)
            return answer(standing, of: session, in: repository, .accepted, request)
        }
    }

    /// `PUT ?digest=`: ends the upload, with its last bytes or without. Other parameters mean nothing here: ollama
    /// sends an `etag`.
    func putUpload(
        _ text: String, _ repository: RepositoryKey, _ request: Request, _ context: RegistryRequestContext
    ) async throws -> Response {
        let session = try UploadSession(inPath: text)
        guard let digest = try QueryReader(request).digest("digest") else {
            throw RegistryError(.invalidDigest, "The parameter digest is missing.", detail: ["field": "digest"])
        }
        let caller = try context.caller
        return try await answering(session, repository, request, caller) {
            let chunk = try Chunk(request)
            let standing = try await services.uploads.standing(of: session, in: repository, caller)
            if standing.parts != nil {
                try await endParts(chunk, request, as: digest, session, repository, caller)
            } else if chunk.offset ?? 0 == 0, standing.offset == 0, let bytes = try await Self.smallBody(request) {
                try await receive(bytes, as: digest, session, repository, caller)
            } else {
                let writer = try await take(chunk, of: request, session, repository, endingAs: digest, caller)
                do throws(RegistryError) {
                    try await services.uploads.finish(writer, as: digest, in: repository, caller)
                } catch {
                    throw try await discarding(session, repository, caller, error)
                }
            }
            return Self.created(digest, in: repository)
        }
    }

    /// The session ends as one with many bytes does: also when they are others than was said.
    private func receive(
        _ bytes: [UInt8], as digest: Digest, _ session: UploadSession, _ repository: RepositoryKey, _ caller: Caller
    ) async throws {
        do { try await services.uploads.receive(bytes, as: digest, in: repository, caller) } catch {
            if error.code == .digestMismatch { try? await services.uploads.cancel(session, in: repository, caller) }
            throw error
        }
        // The blob is there; a session that stays costs nothing and expires.
        try? await services.uploads.cancel(session, in: repository, caller)
    }

    /// `GET`: where the upload stands.
    func upload(
        _ text: String, _ repository: RepositoryKey, _ request: Request, _ context: RegistryRequestContext
    ) async throws -> Response {
        let session = try UploadSession(inPath: text)
        let standing = try await services.uploads.standing(of: session, in: repository, context.caller)
        return answer(standing, of: session, in: repository, .noContent, request)
    }

    /// `DELETE`: gives the upload up.
    func deleteUpload(
        _ text: String, _ repository: RepositoryKey, _ context: RegistryRequestContext
    ) async throws -> Response {
        try await services.uploads.cancel(try UploadSession(inPath: text), in: repository, context.caller)
        return Response(status: .noContent)
    }

    /// Appends the bytes of a request.
    private func take(
        _ chunk: Chunk, of request: Request, _ session: UploadSession, _ repository: RepositoryKey,
        endingAs digest: Digest?, _ caller: Caller
    ) async throws -> any UploadWriter {
        var chunk = chunk
        var repeated: UInt64 = 0
        if OllamaClient(request).sendsPartsAgain {
            let present = try await services.uploads.offset(of: session, in: repository, caller)
            repeated = chunk.leaveOut(upTo: present)
        }
        if chunk.total != nil { throw Chunk.partAtTheEnd }
        let writer = try await services.uploads.resume(
            session, in: repository, at: chunk.offset, expecting: chunk.count, endingAs: digest, caller)
        let before = await writer.offset
        do {
            try await writer.take(request.body, skipping: repeated, upTo: chunk.count ?? .max)
        } catch let error as RegistryError {
            throw try await discarding(session, repository, caller, error)
        }
        let received = await writer.offset - before
        guard let count = chunk.count, received != count else { return writer }
        try? await writer.suspend()
        throw Chunk.mismatch(received)
    }

    /// What does not fit on the disk would keep everybody else from what room there is.
    func discarding(
        _ session: UploadSession, _ repository: RepositoryKey, _ caller: Caller, _ error: RegistryError
    ) async throws -> RegistryError {
        if error.code == .storageFull { try? await services.uploads.cancel(session, in: repository, caller) }
        return error
    }

    /// Who sends the wrong bytes is told where to go on.
    private func answering(
        _ session: UploadSession, _ repository: RepositoryKey, _ request: Request, _ caller: Caller,
        _ work: () async throws -> Response
    ) async throws -> Response {
        do { return try await work() } catch let error as RegistryError where error.code == .uploadOffsetMismatch {
            var response = DistributionDoor.answer(error)
            let offset = error.detail["offset"]?.asNumber?.uint64 ?? 0
            let standing = try? await services.uploads.standing(of: session, in: repository, caller)
            locate(&response, session, in: repository, standing ?? UploadStanding(offset: offset), request)
            return response
        }
    }
}

extension UploadSession {
    /// - Throws: `.uploadNotFound` for what is no name of ours.
    fileprivate init(inPath text: String) throws(RegistryError) {
        guard let decoded = String(percentDecoding: text[...]), let session = UploadSession(parsing: decoded) else {
            throw RegistryError(.uploadNotFound, "No upload has such a name.")
        }
        self = session
    }
}

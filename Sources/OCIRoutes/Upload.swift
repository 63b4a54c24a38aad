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
        return try await answering(session, repository, request) {
            let chunk = try Chunk(request)
            let writer = try await take(chunk, of: request, session, repository, endingAs: nil, caller)
            do throws(StorageFault) { try await writer.suspend() } catch {
                throw try await discarding(session, repository, caller, RegistryError(error))
            }
            return standing(session, in: repository, at: await writer.offset, .accepted, request)
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
        return try await answering(session, repository, request) {
            let chunk = try Chunk(request)
            let caller = try context.caller
            if chunk.offset ?? 0 == 0, try await services.uploads.offset(of: session, in: repository, caller) == 0,
                let bytes = try await Self.smallBody(request)
            {
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
        let offset = try await services.uploads.offset(of: session, in: repository, context.caller)
        return standing(session, in: repository, at: offset, .noContent, request)
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
    private func discarding(
        _ session: UploadSession, _ repository: RepositoryKey, _ caller: Caller, _ error: RegistryError
    ) async throws -> RegistryError {
        if error.code == .storageFull { try? await services.uploads.cancel(session, in: repository, caller) }
        return error
    }

    /// Who sends the wrong bytes is told where to go on.
    private func answering(
        _ session: UploadSession, _ repository: RepositoryKey, _ request: Request,
        _ work: () async throws -> Response
    ) async throws -> Response {
        do { return try await work() } catch let error as RegistryError where error.code == .uploadOffsetMismatch {
            var response = DistributionDoor.answer(error)
            let offset = error.detail["offset"]?.asNumber?.uint64 ?? 0
            locate(&response, session, in: repository, at: offset, request)
            return response
        }
    }
}

/// Which bytes a request brings, as far as it says so.
private struct Chunk {
    /// Where the first one goes.
    var offset: UInt64?
    var count: UInt64?

    /// - Throws: `.invalidField` for a `Content-Range` that is not written `a-b`; `.sizeMismatch` when the body is
    ///   announced to be longer or shorter.
    init(_ request: Request) throws(RegistryError) {
        count = OCIRoutes.announced(request)
        guard let field = request.headers[.contentRange] else { return }
        let bounds = field.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard bounds.count == 2, let first = Self.number(bounds[0]), let last = Self.number(bounds[1]), first <= last,
            last < .max
        else {
            throw RegistryError(
                .invalidField, "Content-Range has to be the first and the last byte, as in 0-1023.",
                detail: ["field": "Content-Range"])
        }
        let range = last - first + 1
        if let count, count != range { throw Self.mismatch(count) }
        (offset, count) = (first, range)
    }

    /// Makes it begin behind the bytes that are here, as far as it has them.
    ///
    /// - Returns: how many bytes come before it now. The digest at the end speaks for them, as it does for all others.
    mutating func leaveOut(upTo present: UInt64) -> UInt64 {
        guard let first = offset, let count, first < present else { return 0 }
        let repeated = min(present - first, count)
        // One that is here whole leaves the upload where it stands.
        self = Chunk(offset: repeated == count ? present : first + repeated, count: count - repeated)
        return repeated
    }

    private init(offset: UInt64, count: UInt64) {
        (self.offset, self.count) = (offset, count)
    }

    static func mismatch(_ count: UInt64) -> RegistryError {
        RegistryError(
            .sizeMismatch, "Content-Range announced other bytes than the body has.",
            detail: ["received": .integer(count)])
    }

    /// Digits alone: no sign, and no space.
    private static func number(_ text: Substring.UTF8View.SubSequence) -> UInt64? {
        guard text.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return UInt64(Substring(text))
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

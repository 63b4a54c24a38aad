import HTTPTypes
import Hummingbird
import NIOCore
import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RouteSupport
import StrictJSON

extension OCIRoutes {
    /// `POST /v2/{name}/blobs/uploads/` (distribution-spec 1.1, "Pushing blobs"): mounts a blob that is here
    /// (`mount=&from=`), takes one in whole (`digest=`), or begins an upload (`digest-algorithm=`).
    func beginUpload(
        _ repository: RepositoryKey, _ request: Request, _ context: RegistryRequestContext
    ) async throws -> Response {
        let query = QueryReader(request)
        let source = try query.repository("from")
        if let digest = try query.digest("mount") {
            if try await mount(digest, from: source, in: repository, context) {
                return Self.created(digest, in: repository)
            }
            return try await begin(in: repository, hashing: digest.algorithm, request, context)
        }
        if let digest = try query.digest("digest") {
            if OllamaClient(request).onlyAsksForDigest {
                return try await beginUnlessHere(digest, in: repository, request, context)
            }
            try await takeWhole(request, as: digest, in: repository, context)
            return Self.created(digest, in: repository)
        }
        return try await begin(in: repository, hashing: try query.algorithm("digest-algorithm"), request, context)
    }

    private func begin(
        in repository: RepositoryKey, hashing algorithm: Digest.Algorithm, _ request: Request,
        _ context: RegistryRequestContext
    ) async throws -> Response {
        let session = try await services.uploads.begin(in: repository, hashing: algorithm, context.caller)
        return answer(UploadStanding(offset: 0), of: session, in: repository, .accepted, request)
    }

    private func beginUnlessHere(
        _ digest: Digest, in repository: RepositoryKey, _ request: Request, _ context: RegistryRequestContext
    ) async throws -> Response {
        if try await services.uploads.mount(digest, from: repository, in: repository, context.caller) {
            return Self.created(digest, in: repository)
        }
        return try await begin(in: repository, hashing: digest.algorithm, request, context)
    }

    private func mount(
        _ digest: Digest, from source: RepositoryName?, in repository: RepositoryKey,
        _ context: RegistryRequestContext
    ) async throws -> Bool {
        guard try await mayMount(digest, from: source, context) else { return false }
        let source = source.map { RepositoryKey(tenant: repository.tenant, name: $0) }
        if rules.isOpen(repository.name) {
            guard try await mayOpen(digest, from: source, to: repository, context) else { return false }
        }
        return try await services.uploads.mount(digest, from: source, in: repository, context.caller)
    }

    /// Whether bytes may be taken from a repository for one that the caller pushes to: who could not read them there
    /// must not come to read them here. Without a source any repository may have them, so that takes the right to all.
    private func mayMount(
        _ digest: Digest, from source: RepositoryName?, _ context: RegistryRequestContext
    ) async throws -> Bool {
        guard let source else {
            if context.principal.mayHaveEveryBlob { return true }
            guard !context.principal.holdsEveryBlob else {
                throw RegistryError(.insufficientScope, "The token is not for blobs of whichever repository.")
            }
            return false
        }
        if context.may(.push, on: source) || context.may(.review, on: source) { return true }
        guard context.may(.pull, on: source) else {
            // Who gets a token for both mounts. Whoever gets none sends the bytes.
            guard !context.principal.holds(.pull, on: source) else {
                throw RegistryError(.insufficientScope, "The token is not for pull on \(source).")
            }
            return false
        }
        // Clients ask for a token to pull from there, also where they could push.
        if context.principal.holds(.push, on: source) { return true }
        return (try? await services.repositories.blob(digest, in: RepositoryKey(name: source), .gate)) != nil
    }

    /// Whether everybody who reads an open repository may have a blob: there is no gate behind the mount, so the gate
    /// of the source has to let the caller read it now.
    private func mayOpen(
        _ digest: Digest, from source: RepositoryKey?, to repository: RepositoryKey, _ context: RegistryRequestContext
    ) async throws -> Bool {
        if await isRead(digest, in: repository, .openRepository) { return true }
        guard let source else {
            guard context.principal.seesEverything else { return false }
            return try await services.repositories.isTrustedSomewhere(digest, in: repository.tenant)
        }
        guard context.may(.pull, on: source.name) else { return false }
        return await isRead(digest, in: source, rules.isOpen(source.name) ? .openRepository : .gate)
    }

    private func isRead(_ digest: Digest, in repository: RepositoryKey, _ right: PullRight) async -> Bool {
        (try? await services.repositories.blob(digest, in: repository, right)) != nil
    }

    private func takeWhole(
        _ request: Request, as digest: Digest, in repository: RepositoryKey, _ context: RegistryRequestContext
    ) async throws {
        if let bytes = try await Self.smallBody(request) {
            return try await services.uploads.receive(bytes, as: digest, in: repository, context.caller)
        }
        let caller = try context.caller
        let session = try await services.uploads.begin(in: repository, hashing: digest.algorithm, caller)
        do {
            let writer = try await services.uploads.resume(
                session, in: repository, at: 0, expecting: Self.announced(request), endingAs: digest, caller)
            try await writer.take(request.body)
            try await services.uploads.finish(writer, as: digest, in: repository, caller)
        } catch {
            // Nobody was told its name, so nobody can go on with it.
            try? await services.uploads.cancel(session, in: repository, caller)
            throw error
        }
    }

    /// The length of a body, where it was announced. Without it there may be one nevertheless: HTTP/2 ends a body by a
    /// flag (RFC 9113 §8.1).
    static func announced(_ request: Request) -> UInt64? {
        request.headers[.contentLength].flatMap { UInt64($0) }
    }

    /// A body that is small, and announced to be; `nil` for others, of which nothing was read.
    static func smallBody(_ request: Request) async throws -> [UInt8]? {
        guard let length = announced(request), length <= UInt64(BlobUploads.smallBytesMax) else { return nil }
        return Array(try await request.body.collect(upTo: BlobUploads.smallBytesMax).readableBytesView)
    }

    /// A blob that is durable.
    static func created(_ digest: Digest, in repository: RepositoryKey) -> Response {
        var headers: HTTPFields = [
            .location: "\(DistributionDoor.path)/\(repository.name)/blobs/\(digest)", .contentLength: "0",
        ]
        headers[.dockerContentDigest] = digest.description
        return Response(status: .created, headers: headers)
    }

    /// Where an upload stands.
    func answer(
        _ standing: UploadStanding, of session: UploadSession, in repository: RepositoryKey,
        _ status: HTTPResponse.Status, _ request: Request
    ) -> Response {
        var response = Response(status: status, headers: [.cacheControl: "no-store"])
        if status != .noContent { response.headers[.contentLength] = "0" }
        locate(&response, session, in: repository, standing, request)
        return response
    }

    func locate(
        _ response: inout Response, _ session: UploadSession, in repository: RepositoryKey,
        _ standing: UploadStanding, _ request: Request
    ) {
        let path = "\(DistributionDoor.path)/\(repository.name)/blobs/uploads/\(session)"
        response.headers[.location] = uploadBase(request) + path
        // What an upload without bytes says is not in the specification; docker and distribution say this.
        response.headers[.range] = "0-\(standing.offset == 0 ? 0 : standing.offset - 1)"
        response.headers[.dockerUploadUUID] = session.uuid
        response.headers[.chunkMinLength] = Self.chunkBytesMin
        if let parts = standing.parts {
            response.headers[.uploadRanges] = parts.present.description
        } else if standing.offset > 0 {
            return
        }
        response.headers[.uploadPartLength] = String(BlobUploads.partBytes)
    }

    /// Smaller chunks are taken as well: this tells clients that send very small ones what is better for everybody.
    private static let chunkBytesMin = String(1 << 20)
}

extension HTTPField.Name {
    static let dockerUploadUUID = HTTPField.Name(parsed: "docker-upload-uuid") ?? .vary
    /// Ours: the upload takes parts that name its length, several at a time, best of so many bytes.
    static let uploadPartLength = HTTPField.Name(parsed: "pratique-upload-part-length") ?? .vary
    /// Ours: what is here of an upload that takes parts.
    static let uploadRanges = HTTPField.Name(parsed: "pratique-upload-ranges") ?? .vary
    static let chunkMinLength = HTTPField.Name(parsed: "oci-chunk-min-length") ?? .vary
}

extension QueryReader {
    /// - Throws: `.invalidDigest`.
    func digest(_ name: String) throws(RegistryError) -> Digest? {
        guard let text = try text(name) else { return nil }
        do { return try Digest(parsing: text) } catch {
            throw RegistryError(
                .invalidDigest, "\(name) is not a digest that is known here: \(error).",
                detail: ["field": .string(name)])
        }
    }

    /// - Throws: `.invalidName`.
    fileprivate func repository(_ name: String) throws(RegistryError) -> RepositoryName? {
        guard let text = try text(name) else { return nil }
        return try RepositoryName(checked: text)
    }

    /// - Throws: `.invalidDigest`.
    fileprivate func algorithm(_ name: String) throws(RegistryError) -> Digest.Algorithm {
        guard let text = try text(name) else { return .sha256 }
        guard let algorithm = Digest.Algorithm(rawValue: text) else {
            throw RegistryError(
                .invalidDigest, "\(name) has to be sha256 or sha512.", detail: ["field": .string(name)])
        }
        return algorithm
    }
}

import HTTPTypes
import Hummingbird
import NIOCore
import OCI
import RegistryCore
import RegistryServices
import RouteSupport
import StrictJSON

extension OCIRoutes {
    /// Most bytes of a manifest (distribution-spec 1.1, "Pushing Manifests", asks for 4 MiB at least).
    static let manifestBytesMax = ManifestLimits.standard.json.bytesMax

    /// `GET` and `HEAD /v2/{name}/manifests/{reference}`.
    ///
    /// The bytes and the type are those that were stored, whatever `Accept` says: another form of a manifest would have
    /// another digest, and clients that ask for one type alone read others as well.
    func manifest(
        _ text: String, _ repository: RepositoryKey, _ request: Request, _ context: RegistryRequestContext
    ) async throws -> Response {
        let reference = try Reference(inPath: text)
        if request.method == .head, mayPush(to: repository, context) {
            return try await manifestHead(reference, repository)
        }
        let right = try right(repository, context)
        let manifest = try await services.repositories.manifest(reference, in: repository, right)
        let content = ImmutableContent(
            .inMemory(ByteBuffer(bytes: manifest.bytes)), contentType: manifest.mediaType.name,
            tag: manifest.digest.description)
        var response = try content.answer(request, context) { true }
        response.headers[.dockerContentDigest] = manifest.digest.description
        // What a tag points at changes, and trust may end: nobody answers for us.
        response.headers[.cacheControl] = "private, no-cache"
        response.headers.warn(manifest.warnings)
        if let link = Self.summaryLink(manifest, repository) { response.headers[.link] = link }
        return response
    }

    /// Who pushes asks first what is there already, trusted or not: containerd gives up at any answer but 200 and 404.
    private func manifestHead(_ reference: Reference, _ repository: RepositoryKey) async throws -> Response {
        let head = try await services.repositories.manifestHead(reference, in: repository)
        var headers: HTTPFields = [
            .contentType: head.mediaType.name, .contentLength: String(head.sizeBytes),
            .eTag: EntityTag(head.digest.description).description, .cacheControl: "private, no-cache",
        ]
        headers[.dockerContentDigest] = head.digest.description
        return Response(status: .ok, headers: headers)
    }

    /// `PUT /v2/{name}/manifests/{reference}`, with further tags as `tag=` (distribution-spec 1.2-dev, "Pushing
    /// Manifests").
    func putManifest(
        _ text: String, _ repository: RepositoryKey, _ request: Request, _ context: RegistryRequestContext
    ) async throws -> Response {
        let reference = try Reference(forPutting: text)
        let extra = try Self.tags(request)
        var order = ManifestOrder(
            repository: repository, digest: nil, tags: extra, mediaType: try Self.mediaType(request),
            bytes: try await Self.body(request))
        switch reference {
        case .tag(let tag): order.tags = [tag] + extra.filter { $0 != tag }
        case .digest(let digest): order.digest = digest
        }
        let published = try await services.publishing.publish(order, context.caller)
        var headers: HTTPFields = [
            .location: "\(DistributionDoor.path)/\(repository.name)/manifests/\(published.version)",
            .contentLength: "0",
        ]
        headers[.dockerContentDigest] = published.version.description
        if let subject = published.subject { headers[.ociSubject] = subject.description }
        for tag in extra { headers.append(HTTPField(name: .ociTag, value: tag.description)) }
        if !published.isNew {
            headers.warn(await services.repositories.warnings(about: published.version, in: order.repository))
        }
        return Response(status: .created, headers: headers)
    }

    /// `DELETE /v2/{name}/manifests/{reference}`: by tag the tag alone, by digest the manifest with its tags.
    func deleteManifest(
        _ text: String, _ repository: RepositoryKey, _ context: RegistryRequestContext
    ) async throws -> Response {
        switch try Reference(inPath: text) {
        case .tag(let tag): try await services.removal.remove(tag, from: repository, context.caller)
        case .digest(let version): try await services.removal.remove(version, from: repository, context.caller)
        }
        return Response(status: .accepted, headers: [.contentLength: "0"])
    }

    private static func tags(_ request: Request) throws(RegistryError) -> [Tag] {
        var tags: [Tag] = []
        for text in request.uri.queryParameters.getAll("tag") {
            guard let tag = Tag(parsing: String(text)) else {
                throw RegistryError(.invalidField, "This is not a tag.", detail: ["field": "tag"])
            }
            if !tags.contains(tag) { tags.append(tag) }
        }
        return tags
    }

    private static func mediaType(_ request: Request) throws(RegistryError) -> OCI.MediaType? {
        guard let field = request.headers[.contentType] else { return nil }
        let name = field.prefix { $0 != ";" }.filter { $0 != " " }
        guard let mediaType = OCI.MediaType(String(name)) else {
            throw RegistryError(.invalidManifest, "Content-Type is no media type.", detail: ["field": "Content-Type"])
        }
        return mediaType
    }

    private static func body(_ request: Request) async throws -> [UInt8] {
        let tooLarge = RegistryError(
            .bodyTooLarge, "A manifest has at most \(manifestBytesMax >> 20) MiB.",
            detail: ["limit": .integer(manifestBytesMax)])
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > manifestBytesMax {
            throw tooLarge
        }
        var bytes: [UInt8] = []
        for try await buffer in request.body {
            guard bytes.count + buffer.readableBytes <= manifestBytesMax else { throw tooLarge }
            bytes.append(contentsOf: buffer.readableBytesView)
        }
        return bytes
    }
}

extension Reference {
    /// A tag or a digest at the end of a path.
    ///
    /// - Throws: `.manifestNotFound` for what is neither: nothing has such a name.
    init(inPath text: String) throws(RegistryError) {
        guard let decoded = String(percentDecoding: text[...]), let reference = Reference(parsing: decoded) else {
            throw RegistryError(.manifestNotFound, "No manifest has such a name.")
        }
        self = reference
    }

    /// The same for something that is to have the name.
    ///
    /// - Throws: `.invalidDigest`, `.invalidField`.
    init(forPutting text: String) throws(RegistryError) {
        if let decoded = String(percentDecoding: text[...]), let reference = Reference(parsing: decoded) {
            self = reference
        } else if text.contains(":") || text.lowercased().contains("%3a") {
            throw RegistryError(.invalidDigest, "The path does not end in a digest.")
        } else {
            throw RegistryError(.invalidField, "The path does not end in a tag.", detail: ["field": "reference"])
        }
    }
}

extension HTTPFields {
    /// distribution-spec 1.1, "Warnings": clients show them to people. The code is always 299, and nobody is named.
    ///
    /// - Parameter sentences: of printable ASCII.
    fileprivate mutating func warn(_ sentences: [String]) {
        for sentence in sentences {
            // RFC 9110 §5.6.4: what stands in quotation marks, and the two characters that are escaped there.
            let text = sentence.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            append(HTTPField(name: .warning, value: "299 - \"\(text)\""))
        }
    }
}

extension HTTPField.Name {
    /// RFC 7234 §5.5, which RFC 9111 withdrew and distribution-spec 1.1 uses.
    fileprivate static let warning = HTTPField.Name(parsed: "warning") ?? .vary
    /// distribution-spec 1.1, "Pulling manifests".
    static let dockerContentDigest = HTTPField.Name(parsed: "docker-content-digest") ?? .eTag
    /// distribution-spec 1.1, "Pushing Manifests with Subject".
    static let ociSubject = HTTPField.Name(parsed: "oci-subject") ?? .vary
    /// distribution-spec 1.2-dev, "Pushing Manifests": a tag that was set besides.
    static let ociTag = HTTPField.Name(parsed: "oci-tag") ?? .vary
}

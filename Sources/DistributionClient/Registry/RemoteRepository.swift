internal import NIOHTTP1
public import OCI
internal import RegistryClient
internal import StrictJSON

/// A repository of some registry.
public struct RemoteRepository: Sendable {
    let client: DistributionClient
    public let registry: RegistryHost
    public let name: RepositoryName

    var path: String { "/v2/\(name)" }

    func scope(_ actions: Set<AccessScope.Action>) -> AccessScope { AccessScope(name, actions) }

    func request(
        _ method: HTTPMethod, _ target: String, _ actions: Set<AccessScope.Action>
    ) async throws(DistributionFault) -> DistributionRequest {
        let address = try await client.session(registry).address(path + target)
        return DistributionRequest(method, address, scope(actions))
    }

    func exchange(
        _ request: DistributionRequest, accepting accepted: Set<Int> = []
    ) async throws(DistributionFault) -> DistributionAnswer {
        try await client.exchange(request, at: registry, accepting: accepted)
    }
}

// MARK: - Manifests

extension RemoteRepository {
    /// Largest manifest that is read.
    static let manifestBytesMax = ManifestLimits.standard.json.bytesMax

    /// What manifests may be; `*/*` for types that nobody has thought of yet.
    private static let accept =
        [MediaType.imageManifest, .imageIndex, .dockerManifest, .dockerManifestList]
        .map(\.name).joined(separator: ", ") + ", */*;q=0.5"

    /// The manifest that a tag or a digest names.
    ///
    /// - Throws: `.wrongBytes` when they are not those that the digest names.
    public func manifest(_ reference: Reference) async throws(DistributionFault) -> StoredManifest {
        let answer = try await manifestAnswer(reference)
        let stated = answer.field("docker-content-digest").flatMap { try? Digest(parsing: $0) }
        let expected: Digest?
        if case .digest(let digest) = reference { expected = digest } else { expected = stated }
        let digest = try Digest(of: answer.body, by: expected?.algorithm ?? .sha256)
        if let expected, expected != digest { throw .wrongBytes(expected) }
        return StoredManifest(
            bytes: answer.body, mediaType: try Self.mediaType(answer), digest: digest)
    }

    func manifestAnswer(_ reference: Reference) async throws(DistributionFault) -> DistributionAnswer {
        var request = try await request(.GET, "/manifests/\(reference)", [.pull])
        request.fields = [("accept", Self.accept)]
        request.answerBytesMax = Self.manifestBytesMax
        return try await exchange(request)
    }

    /// What the bytes say they are counts; the field of the answer where they do not say.
    private static func mediaType(_ answer: DistributionAnswer) throws(DistributionFault) -> MediaType {
        if let own = StoredManifest.ownMediaType(of: answer.body) { return own }
        let field = answer.field("content-type").map { String($0.prefix { $0 != ";" && $0 != " " }) }
        guard let field, let type = MediaType(field) else {
            throw .transport(.malformedAnswer(problem: "the manifest has no media type"))
        }
        return type
    }

    /// - Parameter tag: what names it from now on; `nil` to keep it under its digest alone.
    /// - Returns: whether the registry lists it as a referrer of its subject (distribution-spec 1.1, `OCI-Subject`).
    @discardableResult
    public func put(_ manifest: StoredManifest, as tag: Tag?) async throws(DistributionFault) -> Bool {
        let reference = tag.map(Reference.tag) ?? .digest(manifest.digest)
        var request = try await request(.PUT, "/manifests/\(reference)", [.pull, .push])
        request.body = .bytes(manifest.bytes, contentType: manifest.mediaType.name)
        let answer = try await exchange(request)
        let isListed = answer.field("oci-subject") != nil
        guard let stated = answer.field("docker-content-digest").flatMap({ try? Digest(parsing: $0) }) else {
            return isListed
        }
        guard stated.algorithm != manifest.digest.algorithm || stated == manifest.digest else {
            throw .wrongBytes(manifest.digest)
        }
        return isListed
    }

    /// Puts a manifest there, and sees to it that it is found by what it is about.
    ///
    /// - Parameter tag: as for `put`.
    public func publish(_ manifest: StoredManifest, as tag: Tag?) async throws(DistributionFault) {
        let isListed = try await put(manifest, as: tag)
        let document = try manifest.document(called: manifest.digest.description)
        guard let subject = document.subject?.digest, !isListed else { return }
        try await list(manifest.referrer(document), under: subject)
    }

    /// Takes a tag away, or a manifest with all its tags.
    public func delete(_ reference: Reference) async throws(DistributionFault) {
        _ = try await exchange(try await request(.DELETE, "/manifests/\(reference)", [.delete, .pull]))
    }
}

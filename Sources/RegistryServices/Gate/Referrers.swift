public import OCI
public import RegistryCore
import RegistryPorts
import StrictJSON

extension RepositoryLists {
    /// Most bytes of descriptors in one page (distribution-spec 1.1 lets a registry cut lists that are too long).
    static let referrersBytesMax = 2 << 20

    /// Manifests that are about another one, in the order of their digests.
    public struct ReferrersPage: Sendable {
        /// Descriptors as JSON.
        public var descriptors: [[UInt8]] = []
        /// The digest behind which the next page begins; `nil` at the end.
        public var next: Digest?
    }

    /// Lists the referrers of a manifest, which need not be there itself.
    ///
    /// Clients that found no such list in a registry kept one themselves, as an index under a tag that is made from the
    /// digest (distribution-spec 1.1, "Referrers Tag Schema"). What such a tag lists belongs to the answer, too.
    ///
    /// - Parameter last: the digest behind which the page begins.
    public func referrers(
        of subject: Digest, in repository: RepositoryKey, artifactType: String?, after last: Digest?, limit: Int
    ) async throws(RegistryError) -> ReferrersPage {
        let stored = try await throughStore { () async throws(StorageFault) in
            try await store.referrers(
                of: subject, in: repository, artifactType: artifactType, after: last, limit: limit + 1)
        }
        var found = stored.map { (version: $0.version, descriptor: $0.descriptor) }
        let end = stored.count > limit ? stored.last?.version : nil
        let known = Set(found.map(\.version))
        for descriptor in try await listedByClients(subject, repository) where !known.contains(descriptor.digest) {
            let isInPage =
                (last.map { $0 < descriptor.digest } ?? true) && (end.map { descriptor.digest <= $0 } ?? true)
            guard isInPage, artifactType.map({ $0 == descriptor.artifactType?.name }) ?? true else { continue }
            found.append((descriptor.digest, descriptor.json.encoded()))
        }
        if found.count > stored.count { found.sort { $0.version < $1.version } }
        return Self.page(found, limit)
    }

    /// The versions that refer to a manifest, with the types of what they carry: the same list, not cut into pages.
    func referringVersions(
        of subject: Digest, in repository: RepositoryKey, limit: Int
    ) async throws(RegistryError) -> [(version: Digest, artifactType: String)] {
        let stored = try await throughStore { () async throws(StorageFault) in
            try await store.referrers(of: subject, in: repository, artifactType: nil, after: nil, limit: limit)
        }
        let known = Set(stored.map(\.version))
        let listed = try await listedByClients(subject, repository).filter { !known.contains($0.digest) }
        let all =
            stored.map { (version: $0.version, artifactType: $0.artifactType) }
            + listed.map { (version: $0.digest, artifactType: $0.artifactType?.name ?? "") }
        return Array(all.prefix(limit))
    }

    private static func page(_ found: [(version: Digest, descriptor: [UInt8])], _ limit: Int) -> ReferrersPage {
        var page = ReferrersPage()
        var bytes = 0
        for (index, referrer) in found.prefix(limit).enumerated() {
            bytes += referrer.descriptor.count
            guard bytes <= referrersBytesMax || index == 0 else {
                page.next = found[index - 1].version
                return page
            }
            page.descriptors.append(referrer.descriptor)
        }
        page.next = found.count > limit && limit > 0 ? found[limit - 1].version : nil
        return page
    }

    private func listedByClients(
        _ subject: Digest, _ repository: RepositoryKey
    ) async throws(RegistryError) -> [Descriptor] {
        guard let tag = Tag(parsing: "\(subject.algorithm.rawValue)-\(subject.hex.prefix(64))"),
            let version = try await tags.version(of: tag, in: repository)
        else { return [] }
        return try await manifests.contents(of: ArtifactKey(tenant: repository.tenant, version: version)).children
    }
}

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

    /// Versions that refer to a manifest, by the types of what they carry.
    struct ReferringVersions: Sendable {
        /// Without a type where a client lists one that it does not know.
        var rows: [(version: Digest, artifactType: String?)] = []
        /// The first that is not among them although it may be asked for; `nil` when there is none.
        var more: Digest?
    }

    /// The versions that refer to a manifest and are of a type that is asked for: the same list, not cut into pages.
    ///
    /// - Parameters:
    ///   - countMax: most versions that are given.
    ///   - linesMax: most lines that are read for them.
    func referringVersions(
        of subject: Digest, in repository: RepositoryKey, countMax: Int, linesMax: Int,
        where isWanted: (_ artifactType: String?) -> Bool
    ) async throws(RegistryError) -> ReferringVersions {
        var found = ReferringVersions()
        var known: Set<Digest> = []
        var last: Digest?
        var lines = 0
        var page: [StoredReferrer]
        repeat {
            page = try await throughStore { () async throws(StorageFault) in
                try await store.referrers(
                    of: subject, in: repository, artifactType: nil, after: last, limit: Self.pageMax)
            }
            for row in page {
                lines += 1
                guard lines <= linesMax else { return found.stopped(at: row.version) }
                guard isWanted(row.artifactType) else { continue }
                guard found.rows.count < countMax else { return found.stopped(at: row.version) }
                found.rows.append((row.version, row.artifactType))
                known.insert(row.version)
            }
            last = page.last?.version
        } while page.count == Self.pageMax
        for listed in try await listedByClients(subject, repository) {
            let type = listed.artifactType?.name
            guard isWanted(type), known.insert(listed.digest).inserted else { continue }
            guard found.rows.count < countMax else { return found.stopped(at: listed.digest) }
            found.rows.append((listed.digest, type))
        }
        return found
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

extension RepositoryLists.ReferringVersions {
    fileprivate func stopped(at version: Digest) -> Self {
        var found = self
        found.more = version
        return found
    }
}

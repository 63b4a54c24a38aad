internal import NIOHTTP1
public import OCI
internal import RegistryClient
internal import StrictJSON

// What a repository holds.
extension RemoteRepository {
    private static let pageRows = 1_000
    static let referrersMax = 100_000
    /// Pages of one list that are asked for: a list has an end.
    private static let pagesMax = 10_000
    static let listLimits = JSONLimits(bytesMax: 64 << 20, nodesMax: 1 << 20, stringBytesMax: 64 << 10)

    /// All tags, page by page, in the registry's order.
    public func tags(_ page: ([Tag]) async throws -> Void) async throws {
        let request = try await request(.GET, "/tags/list?n=\(Self.pageRows)", [.pull])
        try await pages(request) { answer in
            let object = try Self.object(answer)
            // Some registries answer null where there are none.
            let rows = object["tags"]?.asArray ?? []
            try await page(rows.compactMap { $0.asString.flatMap(Tag.init(parsing:)) })
            return true
        }
    }

    /// What refers to a manifest: by the list that the registry keeps, else by the one that clients keep under a tag
    /// (distribution-spec 1.1, "Referrers Tag Schema").
    public func referrers(of subject: Digest) async throws -> [Descriptor] {
        var found: [Descriptor] = []
        let isKnown = try await eachReferrerPage(of: subject, accepting: [404]) { page in
            found += try Self.index(page, "the list of referrers").manifests
            guard found.count <= Self.referrersMax else {
                throw DistributionFault.excessive("More refers to \(subject) than is read.")
            }
            return true
        }
        return isKnown ? found : try await fallback(subject)
    }

    /// Page after page of the registry's own list as it came, as long as `page` says that it goes on.
    ///
    /// - Parameter rowsPerPage: how many rows a registry may put into one, as in its other lists. The specification
    ///   says nothing of that for this one, so that some take no notice; and who refuses it is asked without.
    /// - Returns: `false` where the registry keeps no list, as one of the statuses in `accepted` says.
    @discardableResult
    func eachReferrerPage(
        of subject: Digest, rowsPerPage: Int? = nil, accepting accepted: Set<Int> = [400, 404, 405, 406],
        _ page: ([UInt8]) async throws -> Bool
    ) async throws -> Bool {
        let first = try await request(.GET, "/referrers/\(subject)", [.pull])
        if let rowsPerPage {
            var limited = first
            limited.address = first.address.adding("n", String(rowsPerPage))
            let isKnown = try await pages(limited, accepting: accepted) { try await page($0.body) }
            guard !isKnown else { return true }
        }
        return try await pages(first, accepting: accepted) { try await page($0.body) }
    }

    /// Under which tag clients keep the list themselves (distribution-spec 1.1, "Referrers Tag Schema").
    static func fallbackTag(of subject: Digest) -> Tag? {
        Tag(parsing: "\(subject.algorithm.rawValue)-\(subject.hex.prefix(64))")
    }

    private func fallback(_ subject: Digest) async throws(DistributionFault) -> [Descriptor] {
        guard let tag = Self.fallbackTag(of: subject) else { return [] }
        do throws(DistributionFault) {
            let manifest = try await manifest(.tag(tag))
            return try Self.index(manifest.bytes, "the list of referrers under \(tag)").manifests
        } catch {
            guard error.isNotFound else { throw error }
            return []
        }
    }

    /// Adds a referrer to the list that clients keep in a registry without one.
    func list(_ referrer: Descriptor, under subject: Digest) async throws(DistributionFault) {
        guard let tag = Self.fallbackTag(of: subject) else { return }
        var rows = try await fallback(subject)
        guard !rows.contains(where: { $0.digest == referrer.digest }) else { return }
        rows.append(referrer)
        let bytes = ImageIndex(manifests: rows).encoded()
        try await put(
            StoredManifest(bytes: bytes, mediaType: .imageIndex, digest: try Digest(of: bytes)), as: tag)
    }

    private static func index(_ bytes: [UInt8], _ name: String) throws(DistributionFault) -> ImageIndex {
        do { return try ImageIndex(parsing: bytes) } catch { throw .manifest(name, error) }
    }

    /// Asks for page after page, as `Link` says (RFC 8288), within the registry, as long as `page` says that it goes
    /// on.
    ///
    /// - Returns: `false` when the first answer was one of `accepted`.
    @discardableResult
    private func pages(
        _ first: DistributionRequest, accepting accepted: Set<Int> = [],
        _ page: (DistributionAnswer) async throws -> Bool
    ) async throws -> Bool {
        var request = first
        var seen: Set<String> = []
        for _ in 0..<Self.pagesMax {
            request.answerBytesMax = Self.listLimits.bytesMax
            let answer = try await exchange(request, accepting: accepted)
            guard answer.isSuccess else { return false }
            guard try await page(answer), let link = Self.next(in: answer.headers["link"]) else { return true }
            guard let address = WebAddress(link, relativeTo: answer.address),
                address.isSameOrigin(as: first.address), seen.insert(address.target).inserted
            else { throw DistributionFault.unsafe("\(registry) names a next page that is not its own.") }
            request.address = address
        }
        throw DistributionFault.excessive("The list of \(registry)/\(name) has no end.")
    }

    /// `<address>; rel="next"`
    package static func next(in fields: [String]) -> String? { target(of: "next", in: fields) }

    /// The address that fields `Link` give for a relation, in small letters (RFC 8288).
    package static func target(of relation: String, in fields: [String]) -> String? {
        for field in fields {
            guard let open = field.firstIndex(of: "<"), let close = field[open...].firstIndex(of: ">") else { continue }
            let parameters = field[close...].lowercased()
            guard parameters.contains("rel=\"\(relation)\"") || parameters.contains("rel=\(relation)") else { continue }
            return String(field[field.index(after: open)..<close])
        }
        return nil
    }

    private static func object(_ answer: DistributionAnswer) throws(DistributionFault) -> JSONObject {
        do {
            guard let object = try StrictJSON.parse(answer.body, limits: listLimits).asObject else {
                throw DistributionFault.transport(.malformedAnswer(problem: "the list is no JSON object"))
            }
            return object
        } catch let fault as DistributionFault {
            throw fault
        } catch {
            throw .transport(.malformedAnswer(problem: "the list cannot be read: \(error)"))
        }
    }
}

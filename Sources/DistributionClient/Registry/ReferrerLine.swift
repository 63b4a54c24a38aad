public import OCI
internal import RegistryClient
public import StrictJSON

/// A line of a list of referrers, for people to look at.
public enum ReferrerLine: Sendable, Hashable {
    case descriptor(Descriptor)
    /// What is no descriptor, as it stands there. Anybody who may push may have put it into the list.
    case unreadable(JSONValue)

    fileprivate init(_ value: JSONValue) {
        let index = try? ImageIndex(parsing: ImageIndex.encoded(listing: [value.encoded()]))
        self = (index?.manifests.first).map { .descriptor($0) } ?? .unreadable(value)
    }

    /// Whether it is of a type, or might be.
    fileprivate func mayBe(_ type: MediaType) -> Bool {
        switch self {
        case .descriptor(let descriptor): descriptor.artifactType == type
        case .unreadable: true
        }
    }
}

extension RemoteRepository {
    /// What refers to a manifest, line by line, by the list that `referrers` reads: one that is odd takes nothing away
    /// from the others.
    ///
    /// - Parameter type: only referrers of this type, and lines that do not say it.
    /// - Throws: `.transport(.malformedAnswer)` for what is no list at all; `.excessive`.
    public func referrerLines(of subject: Digest, type: MediaType? = nil) async throws -> [ReferrerLine] {
        var lines: [ReferrerLine] = []
        let isKnown = try await eachReferrerPage(of: subject, accepting: [404]) { page in
            lines += try Self.lines(page)
            guard lines.count <= Self.referrersMax else {
                throw DistributionFault.excessive("More refers to \(subject) than is read.")
            }
            return true
        }
        if !isKnown, let tag = Self.fallbackTag(of: subject), let list = try await manifest(taggedIfAny: tag) {
            lines = try Self.lines(list.bytes)
        }
        guard let type else { return lines }
        return lines.filter { $0.mayBe(type) }
    }

    private static func lines(_ bytes: [UInt8]) throws(DistributionFault) -> [ReferrerLine] {
        let value: JSONValue
        do throws(JSONFault) {
            value = try StrictJSON.parse(bytes, limits: listLimits)
        } catch {
            throw .transport(.malformedAnswer(problem: "the list of referrers cannot be read: \(error)"))
        }
        guard let elements = value.asObject?["manifests"]?.asArray else {
            throw .transport(.malformedAnswer(problem: "the list of referrers is no index"))
        }
        return elements.map(ReferrerLine.init)
    }
}

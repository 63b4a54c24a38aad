public import OCI
public import RegistryCore
import RegistryPorts

/// A version that stays in use although something was withdrawn that it belongs to, or shares bytes with.
public struct KeptVersion: Sendable, Hashable {
    public enum Reason: Sendable, Hashable {
        /// Another index, which is in use, lists it.
        case index(ArtifactName)
        /// A tag of its own points at it.
        case tag(String)
        /// It has these bytes, too, and others besides.
        case bytes(Digest)
    }

    public var name: ArtifactName
    public var reason: Reason

    public init(name: ArtifactName, reason: Reason) {
        self.name = name
        self.reason = reason
    }
}

/// What an index lists, and what that lists in turn: each once, whatever lists it before it.
struct ListedVersions: Sendable {
    /// Versions that are changed in one transaction: whoever waits for the log waits for no more than these.
    static let changedAtOnce = 1_000

    private(set) var keys: [ArtifactKey] = []

    /// - Parameter name: of any artifact; what is no index lists nothing. What cannot be read lists nothing either: it
    ///   is withdrawn all the same.
    /// - Throws: storage faults.
    init(
        of name: ArtifactName, _ directory: ArtifactDirectory, _ manifests: ArtifactManifests
    ) async throws(RegistryError) {
        let root: ArtifactKey
        do { root = try await directory.record(named: name).key } catch {
            guard error.isDamage || error.code == .artifactNotFound else { throw error }
            return
        }
        var seen: Set<Digest> = [root.version]
        var ended: [Digest] = []
        // Depth first without recursion: an index in an index in an index is as deep as somebody likes.
        var open = [(version: root.version, left: try await Self.children(of: root, manifests))]
        while var last = open.popLast() {
            guard let next = last.left.popLast() else {
                ended.append(last.version)
                continue
            }
            open.append(last)
            guard seen.insert(next).inserted else { continue }
            let key = ArtifactKey(tenant: root.tenant, version: next)
            open.append((next, try await Self.children(of: key, manifests)))
        }
        keys = ended.dropLast().reversed().map { ArtifactKey(tenant: root.tenant, version: $0) }
    }

    private static func children(
        of key: ArtifactKey, _ manifests: ArtifactManifests
    ) async throws(RegistryError) -> [Digest] {
        do { return try await manifests.contents(of: key).children.map(\.digest) } catch {
            guard error.isDamage else { throw error }
            return []
        }
    }

    /// The keys in parts that are changed together.
    var parts: [ArraySlice<ArtifactKey>] {
        stride(from: 0, to: keys.count, by: Self.changedAtOnce).map { keys[$0...].prefix(Self.changedAtOnce) }
    }
}

/// What became of versions that an index lists.
struct ListedChange: Sendable {
    var names: [ArtifactName] = []
    var kept: [KeptVersion] = []
}

extension LedgerEntry {
    /// Most tags of one repository that are looked at.
    private static let tagsMax = 16

    /// Does to versions that an index lists what was done to the index, except to those that something else still has.
    ///
    /// - Parameters:
    ///   - keys: in the order of `ListedVersions`, so that an index that goes holds nothing any more.
    ///   - body: the event of each.
    mutating func change(
        listed keys: ArraySlice<ArtifactKey>, _ action: LifecycleAction, _ body: RegistryEvent.Body
    ) throws -> ListedChange {
        var change = ListedChange()
        for key in keys {
            // One that somebody edited is served by no door.
            guard let record = try readable(key),
                case .moves = Lifecycle.outcome(of: action, in: record.state)
            else { continue }
            if let reason = try holder(of: record, action) {
                change.kept.append(KeptVersion(name: record.name, reason: reason))
            } else {
                try append(body, to: record)
                change.names.append(record.name)
            }
        }
        return change
    }

    /// - Returns: `nil` for a record that somebody edited, or that cannot be read.
    func readable(_ key: ArtifactKey) throws -> ArtifactRecord? {
        do { return try recordIfAny(key) } catch let error as RegistryError {
            guard error.isDamage else { throw error }
        } catch let fault as StorageFault {
            guard case .corrupted = fault else { throw fault }
        }
        return nil
    }

    /// What still has a version: an index that is trusted, or that is there at all when its bytes would go; or a tag.
    private func holder(of record: ArtifactRecord, _ action: LifecycleAction) throws -> KeptVersion.Reason? {
        let (version, tenant) = (record.key.version, record.key.tenant)
        let indexes = try transaction.indexes(naming: version, in: tenant, limit: RepositoryPage.limitMax)
        for index in indexes {
            guard let other = try readable(ArtifactKey(tenant: tenant, version: index)) else { continue }
            if action == .delete ? other.state.keepsBytes : other.state == .trusted { return .index(other.name) }
        }
        let repositories = try transaction.repositories(
            holding: version, in: tenant, limit: RepositoryPage.limitMax)
        for name in repositories {
            let repository = RepositoryKey(tenant: tenant, name: name)
            for tag in try tags(of: version, in: repository, limit: Self.tagsMax)
            where (try? self.version(of: tag, in: repository)) == version {
                return .tag("\(name):\(tag)")
            }
        }
        return nil
    }
}

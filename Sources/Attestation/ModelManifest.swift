internal import SignatureKeys
internal import StrictJSON

/// What an OpenSSF model signature says a directory consists of (model signing 1.0, predicate
/// `https://model_signing/signature/v1.0`, and 0.2, predicate `https://model_signing/Digests/v0.1`).
///
/// Being read says nothing about who signed it: read it from a statement that was verified.
public struct ModelManifest: Sendable, Hashable {
    public struct Resource: Sendable, Hashable {
        /// Relative path with `/` between its parts; `.` for a model that is one file.
        public let name: String
        public let content: Content
    }

    /// What the bytes of a file are.
    public enum Content: Sendable, Hashable {
        /// SHA-256 of the file.
        case whole([UInt8])
        /// Parts from the first byte to the last; never empty.
        case shards([Shard])
    }

    /// A part of a file.
    public struct Shard: Sendable, Hashable {
        /// Bytes of the file, from its start.
        public let range: Range<UInt64>
        /// SHA-256 of them.
        public let digest: [UInt8]
    }

    /// Files as they were signed; each name once.
    public let resources: [Resource]

    /// Files and directories that were left out, with everything beneath them. None of them has a resource.
    public let ignoredPaths: [String]

    /// Whether what links lead to was signed under the names of the links.
    public let followsLinks: Bool

    /// Whether files without bytes are not listed: they have no part that could be.
    public let omitsEmptyFiles: Bool

    /// What the statement names as its subject: SHA-256 of all digests one after another; in version 0.2, whose
    /// subjects are the files, the first of them.
    public let rootDigest: [UInt8]

    public static let predicateType = "https://model_signing/signature/v1.0"
    public static let oldPredicateType = "https://model_signing/Digests/v0.1"

    /// Most resources that are read.
    public static let resourcesMax = 60_000

    /// Most paths that may be left out.
    public static let ignoredPathsMax = 1_024

    /// What version 0.2 left out without saying so.
    private static let oldIgnoredPaths = [".git", ".gitattributes", ".github", ".gitignore"]

    /// - Throws: `.unsupported` for a manifest by other hash functions than SHA-256; `.malformed` for names that could
    ///   lead elsewhere or stand for two things, and for parts that are not all of a file.
    public init(_ statement: Statement) throws(AttestationFault) {
        if statement.predicateType.utf8.elementsEqual(Self.oldPredicateType.utf8) {
            self = try Self.old(statement)
            return
        }
        guard statement.version == .v1, statement.subjects.count == 1,
            statement.predicateType.utf8.elementsEqual(Self.predicateType.utf8)
        else { throw .malformed("the statement of a model signature") }
        guard let serialization = statement.predicate["serialization"]?.asObject else {
            throw .malformed("serialization")
        }
        guard serialization["hash_type"]?.asString == "sha256" else { throw .unsupported("another hash than SHA-256") }
        ignoredPaths = try Self.ignoredPaths(serialization["ignore_paths"] ?? .array([]))
        followsLinks = serialization["allow_symlinks"]?.asBool == true
        let entries = try ModelResources.entries(statement.predicate["resources"] ?? .null)
        rootDigest = HashAlgorithm.sha256.hash(entries.flatMap(\.digest))
        switch serialization["method"]?.asString {
        case "files": resources = try ModelResources.files(entries)
        case "shards": resources = try ModelResources.sharded(entries, serialization["shard_size"] ?? .null)
        default: throw .unsupported("this way of listing a model")
        }
        omitsEmptyFiles = serialization["method"]?.asString == "shards"
        if let covered = resources.first(where: { isIgnored($0.name) }) {
            throw .malformed("the resource \(covered.name)")
        }
    }

    private init(resources: [Resource], ignoredPaths: [String], rootDigest: [UInt8]) {
        self.resources = resources
        self.ignoredPaths = ignoredPaths
        self.rootDigest = rootDigest
        followsLinks = false
        omitsEmptyFiles = false
    }

    private static func old(_ statement: Statement) throws(AttestationFault) -> ModelManifest {
        let entries = statement.subjects.compactMap { subject in
            subject.digests[.sha256].map { digest in
                ModelResources.Entry(name: subject.name ?? "", algorithm: "sha256", digest: digest)
            }
        }
        guard entries.count == statement.subjects.count, let first = entries.first else { throw .malformed("subject") }
        let manifest = ModelManifest(
            resources: try ModelResources.files(entries), ignoredPaths: oldIgnoredPaths, rootDigest: first.digest)
        if let covered = manifest.resources.first(where: { manifest.isIgnored($0.name) }) {
            throw .malformed("the resource \(covered.name)")
        }
        return manifest
    }

    /// Whether a path was left out, by itself or with a directory above it.
    public func isIgnored(_ path: String) -> Bool {
        ignoredPaths.contains { ignored in
            path.utf8.elementsEqual(ignored.utf8) || path.utf8.starts(with: "\(ignored)/".utf8)
        }
    }

    private static func ignoredPaths(_ value: JSONValue) throws(AttestationFault) -> [String] {
        guard let elements = value.asArray else { throw .malformed("ignore_paths") }
        guard elements.count <= ignoredPathsMax else { throw .limitExceeded("ignored paths") }
        let paths = elements.compactMap(\.asString)
        guard paths.count == elements.count, paths.allSatisfy(ModelResources.isRelative) else {
            throw .malformed("ignore_paths")
        }
        return paths
    }
}

internal import SignatureKeys
internal import StrictJSON

/// What an OpenSSF model signature says a directory consists of (model signing 1.0, predicate
/// `https://model_signing/signature/v1.0`).
///
/// Being read says nothing about who signed it: read it from a statement that was verified.
public struct ModelManifest: Sendable, Hashable {
    public struct Resource: Sendable, Hashable {
        /// Relative path with `/` between its parts; `.` for a model that is one file.
        public let name: String
        /// SHA-256 of the file.
        public let digest: [UInt8]
    }

    /// As they were signed; each name once.
    public let resources: [Resource]

    /// Files and directories that were left out, with everything beneath them. None of them has a resource.
    public let ignoredPaths: [String]

    /// SHA-256 of all digests one after another: what the statement names as its subject.
    public let rootDigest: [UInt8]

    public static let predicateType = "https://model_signing/signature/v1.0"

    /// Most files that are read.
    public static let resourcesMax = 60_000

    /// Most paths that may be left out.
    public static let ignoredPathsMax = 1_024

    /// - Throws: `.unsupported` for a manifest by other hash functions than SHA-256, of parts of files, or with links
    ///   that are followed; `.malformed` for names that could lead elsewhere or stand for two things.
    public init(_ statement: Statement) throws(AttestationFault) {
        guard statement.version == .v1, statement.subjects.count == 1,
            statement.predicateType.utf8.elementsEqual(Self.predicateType.utf8)
        else { throw .malformed("the statement of a model signature") }
        guard let serialization = statement.predicate["serialization"]?.asObject else {
            throw .malformed("serialization")
        }
        guard serialization["method"]?.asString == "files" else { throw .unsupported("signing parts of files") }
        guard serialization["hash_type"]?.asString == "sha256" else { throw .unsupported("another hash than SHA-256") }
        guard serialization["allow_symlinks"]?.asBool != true else { throw .unsupported("following links") }
        ignoredPaths = try Self.ignoredPaths(serialization["ignore_paths"] ?? .array([]))
        resources = try Self.resources(statement.predicate["resources"] ?? .null)
        rootDigest = HashAlgorithm.sha256.hash(resources.flatMap(\.digest))
        if let covered = resources.first(where: { isIgnored($0.name) }) {
            throw .malformed("the resource \(covered.name)")
        }
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
        guard paths.count == elements.count, paths.allSatisfy(isRelative) else { throw .malformed("ignore_paths") }
        return paths
    }

    private static func resources(_ value: JSONValue) throws(AttestationFault) -> [Resource] {
        guard let elements = value.asArray, !elements.isEmpty else { throw .malformed("resources") }
        guard elements.count <= resourcesMax else { throw .limitExceeded("resources") }
        var names: Set<[UInt8]> = []
        var resources: [Resource] = []
        for element in elements {
            guard let object = element.asObject, object["algorithm"]?.asString == "sha256",
                let name = object["name"]?.asString,
                let digest = object["digest"]?.asString.flatMap(Hexadecimal.decode),
                digest.count == HashAlgorithm.sha256.byteCount,
                isRelative(name) || (name == "." && elements.count == 1), names.insert(Array(name.utf8)).inserted
            else { throw .malformed("resources") }
            resources.append(Resource(name: name, digest: digest))
        }
        return resources
    }

    /// A path that can only lead to something beneath the directory.
    private static func isRelative(_ path: String) -> Bool {
        !path.isEmpty && !path.utf8.contains(0)
            && path.split(separator: "/", omittingEmptySubsequences: false)
                .allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }
}

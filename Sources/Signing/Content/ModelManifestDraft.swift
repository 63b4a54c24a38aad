internal import Attestation
internal import SignatureKeys
internal import StrictJSON

/// The files of a model that is to be signed (OpenSSF model signing 1.0).
public struct ModelManifestDraft: Sendable {
    /// Relative path with `/` between its parts, and the SHA-256 of the file.
    public typealias Resource = (name: String, sha256: [UInt8])

    private let resources: [Resource]
    private let ignoredPaths: [String]

    /// - Parameter ignoredPaths: what is left out, with everything beneath it.
    public init(_ resources: [Resource], ignoring ignoredPaths: [String]) {
        self.resources = resources.sorted { Self.precedes($0.name, $1.name) }
        self.ignoredPaths = ignoredPaths
    }

    /// - Parameter name: of the model, for people.
    public func statement(named name: String) -> StatementDraft {
        let listed: [JSONValue] = resources.map { resource in
            [
                "name": .string(resource.name), "algorithm": "sha256",
                "digest": .string(Hexadecimal.encode(resource.sha256)),
            ]
        }
        let serialization: JSONValue = [
            "method": "files", "hash_type": "sha256", "allow_symlinks": false,
            "ignore_paths": .array(ignoredPaths.map(JSONValue.string)),
        ]
        return StatementDraft(
            subjects: [.init(name: name, sha256: HashAlgorithm.sha256.hash(resources.flatMap(\.sha256)))],
            predicateType: ModelManifest.predicateType,
            predicate: ["serialization": serialization, "resources": .array(listed)])
    }

    /// By the parts of paths: `sub/x` stands before `sub.x/y`, which by bytes it would not.
    private static func precedes(_ left: String, _ right: String) -> Bool {
        let left = left.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let right = right.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for (a, b) in zip(left, right) where !a.elementsEqual(b) { return a.lexicographicallyPrecedes(b) }
        return left.count < right.count
    }
}

extension StatementDraft {
    /// What a model signature states: the list of the model's files.
    public static let modelSignatureType = ModelManifest.predicateType
}

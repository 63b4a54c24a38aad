public import SignatureKeys
public import StrictJSON

/// An artifact that a statement is about: its digests, and perhaps a name.
public struct Subject: Sendable, Hashable {
    /// For people: subjects are told apart by their digests, and image signatures have no name.
    public let name: String?

    /// By hash functions that are known here.
    public let digests: [HashAlgorithm: [UInt8]]

    /// Who signed may have added them, such as `cosign sign -a`.
    public let annotations: JSONObject

    /// Most digests of one subject that are read.
    public static let digestsMax = 32

    /// Digests by unknown functions are ignored; one by a known function that is no digest is refused.
    init(_ value: JSONValue) throws(AttestationFault) {
        guard let object = value.asObject, let set = object["digest"]?.asObject else { throw .malformed("digest") }
        guard set.count <= Self.digestsMax else { throw .limitExceeded("digests") }
        var digests: [HashAlgorithm: [UInt8]] = [:]
        for member in set.members {
            guard let text = member.value.asString else { throw .malformed("digest") }
            guard let algorithm = HashAlgorithm(rawValue: member.name) else { continue }
            guard text.utf8.count == 2 * algorithm.byteCount, let bytes = Hexadecimal.decode(text) else {
                throw .malformed("digest")
            }
            digests[algorithm] = bytes
        }
        self.digests = digests
        name = object["name"]?.asString
        annotations = object["annotations"]?.asObject ?? JSONObject()
    }

    /// Whether an artifact with `known` digests is this one: at least one is by the same function, and none differs.
    public func names(_ known: [HashAlgorithm: [UInt8]]) -> Bool {
        var isNamed = false
        for (algorithm, digest) in digests {
            guard let other = known[algorithm] else { continue }
            guard digest == other else { return false }
            isNamed = true
        }
        return isNamed
    }
}

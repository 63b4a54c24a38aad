internal import SignatureKeys
internal import StrictJSON

/// Hashes of one content by the names of their algorithms (TUF 4.4, HASHES), as far as they are known here.
public struct ContentHashes: Sendable, Hashable {
    /// Lower-case hexadecimal, as it stands in the names of files.
    public let sha256: String?
    public let sha512: String?
    /// Whether hashes of other algorithms were named, too.
    let hasOthers: Bool

    /// - Throws: a sentence.
    init(_ object: JSONObject) throws(MetadataFault) {
        var known: [String: String] = [:]
        for member in object.members {
            guard let text = member.value.asString else { throw .malformed("a hash is no string") }
            guard let digits = Self.digits[member.name] else { continue }
            guard text.utf8.count == digits, Hexadecimal.decode(text) != nil else {
                throw .malformed("a hash of \(member.name) is not \(digits) hexadecimal digits")
            }
            known[member.name] = text.lowercased()
        }
        (sha256, sha512) = (known["sha256"], known["sha512"])
        hasOthers = known.count < object.count
    }

    private static let digits = ["sha256": 64, "sha512": 128]

    /// Compares every hash that is known.
    ///
    /// - Returns: the reason to refuse `bytes`.
    func refusal(of bytes: [UInt8]) -> TUFRefusal.Reason? {
        guard sha256 != nil || sha512 != nil else { return .noKnownHash }
        if let sha256, Hexadecimal.encode(HashAlgorithm.sha256.hash(bytes)) != sha256 { return .hashMismatch }
        if let sha512, Hexadecimal.encode(HashAlgorithm.sha512.hash(bytes)) != sha512 { return .hashMismatch }
        return nil
    }
}

/// What metadata says about another file (TUF 4.4, METAFILES).
public struct MetadataFile: Sendable, Hashable {
    public let version: UInt64
    public let length: UInt64?
    public let hashes: ContentHashes?

    init(_ value: JSONValue) throws(MetadataFault) {
        var fields = try MetadataFields(value, "an entry of meta")
        version = try fields.version()
        length = try fields.optionalLength()
        hashes = try fields.optionalObject("hashes").map { object throws(MetadataFault) in try ContentHashes(object) }
    }

    /// How much of a file to take at most.
    func bytesMax(_ limit: Int) -> Int {
        length.map { Int(min($0, UInt64(limit))) } ?? limit
    }

    /// TUF 5.5.2, 5.6.2.
    func refusal(of bytes: [UInt8]) -> TUFRefusal.Reason? {
        if let length, UInt64(bytes.count) != length { return .lengthMismatch }
        return hashes?.refusal(of: bytes)
    }
}

/// A target as a role that may describe it does (TUF 4.5, TARGETS).
public struct TargetFile: Sendable, Hashable {
    public let path: String
    /// In bytes.
    public let length: UInt64
    public let hashes: ContentHashes
    /// Who describes it.
    public let role: RoleName

    init(_ path: String, _ value: JSONValue, by role: RoleName) throws(MetadataFault) {
        var fields = try MetadataFields(value, "a target")
        self.path = path
        self.role = role
        length = try fields.requiredLength()
        hashes = try ContentHashes(try fields.requiredObject("hashes"))
    }

    /// Refuses all but the bytes that were signed for (TUF 5.7.3).
    public func check(_ bytes: [UInt8]) throws(TUFRefusal) {
        guard UInt64(bytes.count) == length else { throw TUFRefusal(role, .lengthMismatch) }
        if let reason = hashes.refusal(of: bytes) { throw TUFRefusal(role, reason) }
    }
}

internal import SignatureKeys
internal import StrictJSON

/// What another role may say, and by whose signatures (TUF 4.5, DELEGATIONS).
struct Delegation: Sendable {
    private enum Scope {
        case patterns([PathPattern])
        /// Beginnings of the SHA-256 of paths, lower-case hexadecimal.
        case hashPrefixes([String])
    }

    let role: RoleName
    let authority: SigningAuthority
    /// Whether nobody after this role is asked about paths that it was trusted with.
    let isTerminating: Bool
    private let scope: Scope

    private init(_ value: JSONValue, _ keys: [ExactName: PublicKey], _ limits: TUFLimits) throws(MetadataFault) {
        var fields = try MetadataFields(value, "a delegation")
        guard let role = RoleName(delegated: try fields.requiredString("name")) else {
            throw .malformed("a delegation is to a role of that name that cannot be")
        }
        self.role = role
        authority = try SigningAuthority(&fields, keys: keys, limits: limits)
        isTerminating = try fields.requiredBool("terminating")
        switch (try fields.optionalStrings("paths"), try fields.optionalStrings("path_hash_prefixes")) {
        case (let paths?, nil): scope = .patterns(paths.map { PathPattern($0) })
        case (nil, let prefixes?): scope = .hashPrefixes(prefixes.map { $0.lowercased() })
        case (nil, nil), (_?, _?): throw .malformed("a delegation has not one of paths and path_hash_prefixes")
        }
    }

    static func list(_ object: JSONObject, _ limits: TUFLimits) throws(MetadataFault) -> [Delegation] {
        var fields = MetadataFields(object)
        guard !fields.has("succinct_roles") else { throw .unsupported("it delegates to succinct roles") }
        let keys = try PublicKey.list(try fields.requiredObject("keys"))
        var delegations: [Delegation] = []
        for value in try fields.requiredArray("roles") { delegations.append(try Delegation(value, keys, limits)) }
        guard Set(delegations.map(\.role)).count == delegations.count else {
            throw .malformed("two delegations are to one role")
        }
        return delegations
    }

    /// Whether the role was trusted with this target path.
    func covers(_ path: String) -> Bool {
        switch scope {
        case .patterns(let patterns): patterns.contains { $0.matches(path) }
        case .hashPrefixes(let prefixes):
            prefixes.contains { Hexadecimal.encode(HashAlgorithm.sha256.hash(Array(path.utf8))).hasPrefix($0) }
        }
    }
}

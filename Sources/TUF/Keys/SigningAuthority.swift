internal import SignatureKeys
internal import StrictJSON

/// The keys that may sign for one role, and how many of them have to.
struct SigningAuthority: Sendable {
    let keys: [PublicKey]
    let keyIDs: [ExactName]
    let threshold: UInt64

    /// - Parameter fields: of a role, in a root or in delegations: `keyids` and `threshold`.
    init(_ fields: inout MetadataFields, keys known: [ExactName: PublicKey], limits: TUFLimits) throws(MetadataFault) {
        let names = try fields.requiredStrings("keyids").map { ExactName($0) }
        guard names.count <= limits.signaturesMax else { throw .malformed("a role has too many keys") }
        guard Set(names).count == names.count else { throw .malformed("a role names a key twice") }
        threshold = try fields.positive("threshold")
        var found: [(ExactName, PublicKey)] = []
        for name in names {
            guard let key = known[name] else { throw .malformed("a role names a key that is not there") }
            found.append((name, key))
        }
        keyIDs = found.map(\.0)
        keys = found.map(\.1)
    }

    /// Refuses metadata that fewer distinct keys have signed than the threshold says (TUF 5.3.4, 5.4.2, 5.5.3, 5.6.3).
    ///
    /// Counted are keys, not their identifiers: one key under two names is one. A wrong signature besides enough right
    /// ones does no harm.
    func verify(_ metadata: UnverifiedMetadata) throws(TUFRefusal) {
        var counted: Set<VerificationKey> = []
        for signature in metadata.signatures where !signature.bytes.isEmpty {
            guard let place = keyIDs.firstIndex(of: signature.keyID),
                let key = keys[place].signer(of: signature.bytes, over: metadata.message)
            else { continue }
            counted.insert(key)
        }
        guard UInt64(counted.count) >= threshold else {
            throw TUFRefusal(
                metadata.role, .thresholdNotMet(valid: counted.count, threshold: Int(clamping: threshold)))
        }
    }
}

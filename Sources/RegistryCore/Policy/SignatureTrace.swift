import OCI
import SignatureKeys
import StrictJSON

extension PolicyDecision {
    /// What became of one bundle: who signed it, and what it counts for.
    public struct SignatureStep: Sendable, Hashable {
        public var fact: SignatureFact
        /// The rules that it counts for, as the trace names them.
        public var countsFor: [String]
        /// Why it does not, by the rule.
        public var objections: [String: String]
    }
}

extension PolicyDecision.SignatureStep {
    var json: JSONValue {
        var members: [(String, JSONValue?)] = [
            ("bundle", .string(fact.bundle.description)),
            ("referrer", fact.referrer.map { .string($0.description) }),
            ("predicate_type", fact.predicateType.map { .string($0) }),
            ("builder", fact.builder.map { .string($0) }),
            ("sources", fact.sources.isEmpty ? nil : .array(fact.sources.map { .string($0) })),
        ]
        switch fact.finding {
        case .refused(let refusal):
            members += [
                ("verified", .bool(false)), ("reason", .string(refusal.reason)),
                ("undecided", refusal.isUndecided ? .bool(true) : nil),
            ]
        case .verified(let signer): members += [("verified", .bool(true))] + signer.members
        }
        let objections = objections.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) }
        members += [
            ("counts_for", .array(countsFor.map { .string($0) })),
            ("does_not_count", objections.isEmpty ? nil : .object(JSONObject(objections))),
        ]
        return .object(JSONObject(present: members))
    }
}

extension VerifiedSigner {
    fileprivate var members: [(String, JSONValue?)] {
        var members: [(String, JSONValue?)] = []
        switch name {
        case .identity(let name, let issuer):
            members = [("identity", .string(name)), ("issuer", .string(issuer))]
        case .key(let id): members = [("key", .string(Hexadecimal.encode(id)))]
        }
        let times: [JSONValue] = times.map { signed in
            ["time": .string("\(signed.time)"), "source": .string(signed.source)]
        }
        let places: [JSONValue] = logPlaces.map { place in
            [
                "log": .string(place.host), "index": .number(JSONNumber(place.index)),
                "included": .bool(place.isIncluded),
            ]
        }
        return members + [
            ("times", times.isEmpty ? nil : .array(times)), ("log_entries", places.isEmpty ? nil : .array(places)),
        ]
    }
}

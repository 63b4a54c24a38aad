import Attestation
import SignatureKeys
import StrictJSON
public import TransparencyLog

/// Where in a log the decision stands that a summary tells of, and the entry itself.
///
/// It is a member of the predicate of ours. Being read, it proves nothing: the entry has to be in the log.
public struct LoggedDecision: Sendable, Hashable {
    public var origin: LogOrigin
    /// Counted from 0.
    public var index: UInt64
    /// The entry, byte for byte: one event.
    public var leaf: [UInt8]

    /// The name of the member (SLSA: extension fields have URIs for names).
    public static let member = "pratique:log-entry/v1"

    public init(origin: LogOrigin, index: UInt64, leaf: [UInt8]) {
        self.origin = origin
        self.index = index
        self.leaf = leaf
    }

    /// The log that an envelope says it is of, before anybody knows who signed it: only to look up what is known of it.
    public static func claimedOrigin(inEnvelope bytes: [UInt8]) -> LogOrigin? {
        let limits = JSONLimits(
            bytesMax: VerifiedSummary.bytesMax, depthMax: 4, nodesMax: 256, stringBytesMax: VerifiedSummary.bytesMax)
        guard let object = try? StrictJSON.parse(bytes, limits: limits).asObject, let envelope = try? Envelope(object),
            let statement = try? Statement(parsing: envelope.payload),
            let member = statement.predicate[Self.member]?.asObject
        else { return nil }
        return member["origin"]?.asString.flatMap { LogOrigin($0) }
    }

    /// The hash of the entry, as the log's tree has it (RFC 9162).
    public var leafHash: LogHash { MerkleHashing.leaf(leaf) }

    var json: JSONValue {
        [
            "origin": .string(origin.description), "index": .integer(index), "leafHash": .string(leafHash.base64),
            "leaf": .string(Base64.encode(leaf)),
        ]
    }

    /// - Throws: `.decisionMissing` when there is none; `.decisionMismatch` when the entry has another hash.
    init(_ summary: VerificationSummary) throws(SummaryRefusal) {
        guard let object = summary.extensions[Self.member]?.asObject else {
            throw SummaryRefusal(.decisionMissing, "the summary names no entry of a log")
        }
        guard let origin = object["origin"]?.asString.flatMap({ LogOrigin($0) }),
            let index = object["index"]?.asNumber?.uint64,
            let leaf = object["leaf"]?.asString.flatMap({ Base64.decode($0.utf8) }),
            leaf.count <= RegistryEvent.encodedBytesMax
        else { throw SummaryRefusal(.decisionMissing, "the summary's entry of a log cannot be read") }
        self.init(origin: origin, index: index, leaf: leaf)
        guard object["leafHash"]?.asString == leafHash.base64 else {
            throw SummaryRefusal(.decisionMismatch, "the summary's entry of the log has another hash than it says")
        }
    }
}

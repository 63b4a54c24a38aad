import Attestation
import OCI
public import RegistryCore
public import RegistryPorts
import StrictJSON
public import TransparencyLog

/// Signs what was decided about trusted artifacts (SLSA verification summaries), whenever somebody asks.
///
/// A summary follows from what the transaction of its admission wrote: event, decision and manifest. There is nothing
/// to be written beside it, and no moment at which one stands without the other.
public struct AdmissionSummaries: Sendable {
    /// What a summary is.
    public static let mediaType = "application/vnd.dsse.envelope.v1+json"
    /// What it is of something else (RFC 8288, section 2.1.2): the type of what it states.
    public static let relation = VerificationSummary.predicateType

    private let store: any MetadataReader
    private let directory: ArtifactDirectory
    private let manifests: ArtifactManifests
    private let admission: Admission
    private let publisher: LogPublisher
    private let signer: NoteSigner
    private let issuer: SummaryIssuer

    /// - Parameter signer: the key of the log.
    public init(
        store: any MetadataReader, directory: ArtifactDirectory, manifests: ArtifactManifests, admission: Admission,
        publisher: LogPublisher, signer: NoteSigner, issuer: SummaryIssuer
    ) {
        self.store = store
        self.directory = directory
        self.manifests = manifests
        self.admission = admission
        self.publisher = publisher
        self.signer = signer
        self.issuer = issuer
    }

    /// The signed summary of the admission by which an artifact is trusted now: an envelope, JSON.
    ///
    /// - Throws: `.artifactNotFound`; `.notTrusted` with the state: nothing is said for what is not trusted any more,
    ///   or was not admitted when it was looked at again; `.recordTampered` when what is kept is not what the log has
    ///   signed.
    public func summary(of name: ArtifactName) async throws(RegistryError) -> [UInt8] {
        try await summary(of: try await directory.record(named: name))
    }

    /// The same of a version that was found already.
    public func summary(of record: ArtifactRecord) async throws(RegistryError) -> [UInt8] {
        let name = record.name
        let admittance = try admission.admittance(of: record)
        guard record.recheck == nil else {
            throw RegistryError(
                .notTrusted, "\(name) is still served, and was not admitted when it was looked at again.",
                detail: ["state": .string(record.state.rawValue)])
        }
        let entry = try await newestPromotion(of: record, admittance)
        try await requireSigned(entry)
        let trace = try await trace(admittance)
        let decision = LoggedDecision(origin: issuer.origin, index: entry.index, leaf: entry.bytes)
        let files = try await manifests.files(of: record.key)
        guard let summary = AdmissionSummary(of: decision, trace: trace, files: files, by: issuer) else {
            throw RegistryError(.recordTampered, "The decision by which \(name) is trusted cannot be read.")
        }
        return try sign(summary)
    }

    /// The event by which a version is trusted: the newest of its kind, with the admittance of the sealed record.
    private func newestPromotion(
        of record: ArtifactRecord, _ admittance: Admittance
    ) async throws(RegistryError) -> LogEntry {
        var newest: LogEntry?
        var next: UInt64 = 0
        while true {
            let first = next
            let page = try await throughStore { () async throws(StorageFault) in
                try await store.entries(of: record.key, from: first, limit: Self.pageEntries)
            }
            for entry in page where entry.index <= record.headIndex {
                let event = try? RegistryEvent(decoding: entry.bytes, index: entry.index)
                guard let event, event.subject == .artifact(record.key, name: record.name) else {
                    throw RegistryError(.recordTampered, "Entry \(entry.index) of the log cannot be read.")
                }
                if event.body == .promoted(admittance) { newest = entry }
            }
            guard page.count == Self.pageEntries, let last = page.last else { break }
            next = last.index + 1
        }
        guard let newest else {
            throw RegistryError(.recordTampered, "The log does not say why \(record.name) is trusted.")
        }
        return newest
    }

    /// Makes sure that an entry is in the tree that we signed. Whoever can edit the database must not get our name
    /// under what they wrote: the bytes have to lead to the checkpoint that this process has proved.
    private func requireSigned(_ entry: LogEntry) async throws(RegistryError) {
        if publisher.signedSize <= entry.index { try await publisher.publish() }
        guard let head = publisher.current?.head, let planner = try? TilePlanner(treeSize: head.size),
            let leafTile = planner.tile(holdingLeaf: entry.index)
        else { throw Self.notSigned(entry) }
        let reading = LogReading(store: store)
        var tiles: [TilePath: Tile] = [:]
        for path in planner.authenticating([leafTile]) {
            guard case .hashes(let level) = path.content,
                let hashes = try await reading.tile(level: level, index: path.index, width: path.width),
                let tile = try? Tile(hashes)
            else { throw Self.notSigned(entry) }
            tiles[path] = tile
        }
        guard let verified = try? VerifiedTiles(tiles, head: head),
            let hash = try? verified.hash(level: 0, index: entry.index), hash == MerkleHashing.leaf(entry.bytes)
        else { throw Self.notSigned(entry) }
    }

    private static func notSigned(_ entry: LogEntry) -> RegistryError {
        RegistryError(.recordTampered, "Entry \(entry.index) of the log is not the one that was signed.")
    }

    private func trace(_ admittance: Admittance) async throws(RegistryError) -> JSONValue {
        let bytes = try await throughStore { () async throws(StorageFault) in
            try await store.evidenceDocument(admittance.decision)
        }
        guard let bytes, ArtifactManifests.hash(bytes, as: admittance.decision.algorithm) == admittance.decision,
            let trace = try? StrictJSON.parse(bytes, limits: Self.traceLimits)
        else { throw RegistryError(.recordTampered, "The stored decision is missing or altered.") }
        return trace
    }

    /// Signs, and hands out only what whoever asks will believe.
    private func sign(_ summary: AdmissionSummary) throws(RegistryError) -> [UInt8] {
        let draft = Envelope(payload: summary.statement, payloadType: Envelope.inTotoType, signatures: [])
        do {
            let signature = Envelope.Signature(
                keyID: signer.verifier.hint,
                bytes: try signer.sign(preAuthenticationEncoding: draft.preAuthenticationEncoding))
            let envelope = Envelope(
                payload: draft.payload, payloadType: draft.payloadType, signatures: [signature]
            ).json.encoded()
            _ = try VerifiedSummary(opening: envelope, key: signer.verifier)
            return envelope
        } catch {
            throw RegistryError(.internalError, "The summary could not be signed.", cause: error)
        }
    }

    private static let pageEntries = 1_000
    private static let traceLimits = JSONLimits(bytesMax: 64 << 20, nodesMax: 1 << 20, stringBytesMax: 16 << 20)
}

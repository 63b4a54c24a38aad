import OCI
import RegistryCore
public import RegistryPorts
import SignatureKeys
import Sigstore

/// Finds the signatures of a version and verifies each: bundles that were attached to it, and what was pushed into its
/// repository, bundles or cosign's older form, as referrers or under cosign's tag.
///
/// Every one is looked at, within limits, so that a bad or foreign one takes nothing away from a good one.
public struct SignatureReading: Sendable {
    private let attached: AttachedBundles
    private let pushed: PushedSignatures
    private let manifests: ArtifactManifests
    private let trust: any TrustRootSource
    private let parts: ListedParts

    public init(
        attached: AttachedBundles, manifests: ArtifactManifests, directory: ArtifactDirectory, tags: TagBook,
        store: any MetadataReader, blobs: any BlobStore, trust: any TrustRootSource, verification: Verification
    ) {
        self.attached = attached
        self.manifests = manifests
        self.trust = trust
        parts = ListedParts(verification)
        let lists = RepositoryLists(
            references: References(directory: directory, tags: tags, store: store), directory: directory, tags: tags,
            manifests: manifests, store: store)
        pushed = PushedSignatures(
            manifests: manifests, directory: directory, tags: tags, blobs: blobs, lists: lists)
    }

    /// What signatures are believed by, for whoever wants to know whether that changed; empty for a policy that asks
    /// for none.
    ///
    /// - Throws: `.inspectionUndecided` when there is a trusted root that cannot be used now.
    func standard(of policy: Policy) async throws(RegistryError) -> String {
        guard !policy.verification.isEmpty else { return "" }
        do throws(TrustRootFault) {
            return Self.standard(try await trust.current())
        } catch {
            guard error == .notConfigured else {
                throw RegistryError(.inspectionUndecided, "Signatures cannot be verified: \(error.rawValue).")
            }
            return Self.standard(nil)
        }
    }

    private static func standard(_ root: KnownTrustRoot?) -> String {
        "+trust." + (root.map { String($0.digest.dropFirst("sha256:".count).prefix(16)) } ?? "none")
    }

    /// - Parameter repositories: others than the one that it is named by, where signatures of it may be, too.
    /// - Returns: what each signature was found to be, and what they were verified by, as `standard` says it.
    func facts(
        about record: ArtifactRecord, in repositories: [RepositoryName], for policy: Policy
    ) async throws(RegistryError) -> (facts: [SignatureFact], standard: String) {
        let attached = try await attached.list(of: record)
        var found = [try await pushed.carriers(of: record)]
        for repository in repositories { found.append(try await pushed.carriers(of: record, in: repository)) }
        let asksForNone = policy.verification.isEmpty
        let isNone = attached.isEmpty && found.allSatisfy { $0.carriers.isEmpty && $0.more == nil }
        guard !isNone || !asksForNone else { return ([], "") }
        var root: KnownTrustRoot?
        do throws(TrustRootFault) { root = try await trust.current() } catch { root = nil }
        let contents = try await manifests.contents(of: record.key)
        var reader = FactReader(
            check: BundleCheck(
                subject: SignedVersion(record.key.version, contents), record: record, policy: policy, root: root?.root,
                parts: parts))
        for entry in attached { try await reader.read(entry, self.attached) }
        for carriers in found {
            for carrier in carriers.carriers { try await reader.read(carrier, record.key.tenant, pushed) }
            if let more = carriers.more { reader.giveUp(at: more) }
        }
        return (reader.facts, asksForNone ? "" : Self.standard(root))
    }
}

/// The signatures of one version, each looked at once.
private struct FactReader {
    let check: BundleCheck
    private(set) var facts: [SignatureFact] = []
    private var seen: Set<Seen> = []
    private var bytesLeft = UInt64(PushedSignatures.allBytesMax)
    private var isOver = false

    /// Simple signatures by several people may be over the same payload.
    private struct Seen: Hashable {
        let content: Digest
        let annotations: [String: String]
    }

    init(check: BundleCheck) {
        self.check = check
    }

    mutating func read(_ entry: EvidenceEntry, _ attached: AttachedBundles) async throws(RegistryError) {
        guard seen.insert(Seen(content: entry.digest, annotations: [:])).inserted else { return }
        guard let bytes = try await attached.bundle(entry) else {
            return facts.append(SignatureFact(bundle: entry.digest, finding: .refused(.unreadable)))
        }
        try await add(.bundle(bytes), entry.digest, carrier: nil)
    }

    mutating func read(
        _ carrier: PushedSignatures.Carrier, _ tenant: Tenant, _ pushed: PushedSignatures
    ) async throws(RegistryError) {
        guard !isOver else { return }
        guard let layers = try await pushed.layers(of: carrier, in: tenant) else {
            return refuse(carrier.version, carrier.version, .unreadable)
        }
        for layer in layers {
            guard !isOver else { return }
            guard let digest = layer.digest else {
                refuse(carrier.version, carrier.version, .unreadable)
                continue
            }
            let annotations = layer.signature.form == .simpleSigning ? layer.signature.annotations : [:]
            guard seen.insert(Seen(content: digest, annotations: annotations)).inserted else { continue }
            // However many layers a carrier has, together they are bounded.
            guard layer.sizeBytes <= bytesLeft, facts.count < Self.factsMax else { return giveUp(at: carrier.version) }
            bytesLeft -= layer.sizeBytes
            guard let content = try await pushed.content(of: layer) else {
                refuse(digest, carrier.version, .unreadable)
                continue
            }
            try await add(content, digest, carrier: carrier.version)
        }
    }

    private static let factsMax = AttachedBundles.countMax + PushedSignatures.carriersMax

    /// Says once that there are more than are looked at.
    mutating func giveUp(at carrier: Digest) {
        guard !isOver else { return }
        isOver = true
        refuse(carrier, carrier, .tooManyBundles)
    }

    private mutating func refuse(_ bundle: Digest, _ carrier: Digest, _ refusal: SignatureRefusal) {
        facts.append(SignatureFact(bundle: bundle, referrer: carrier, finding: .refused(refusal)))
    }

    private mutating func add(
        _ content: CarriedContent, _ digest: Digest, carrier: Digest?
    ) async throws(RegistryError) {
        // Each takes milliseconds of computing: others go in between.
        await Task.yield()
        facts.append(try await check.fact(of: content, digest: digest, referrer: carrier))
    }
}

import OCI
import RegistryCore
public import RegistryPorts
import SignatureKeys
import Sigstore

/// Finds the bundles about a version and verifies each: those that were attached to it, and those that were pushed into
/// its repository as its referrers.
///
/// Every one is looked at, within limits, so that a bad or foreign one takes nothing away from a good one.
public struct SignatureReading: Sendable {
    /// Most referrers that are looked at.
    public static let referrersMax = 256
    /// OCI 1.1 artifact type of bundles.
    static let bundleTypePrefix = "application/vnd.dev.sigstore.bundle."

    private let attached: AttachedBundles
    private let manifests: ArtifactManifests
    private let directory: ArtifactDirectory
    private let blobs: any BlobStore
    private let lists: RepositoryLists
    private let trust: any TrustRootSource

    public init(
        attached: AttachedBundles, manifests: ArtifactManifests, directory: ArtifactDirectory, tags: TagBook,
        store: any MetadataReader, blobs: any BlobStore, trust: any TrustRootSource
    ) {
        self.attached = attached
        self.manifests = manifests
        self.directory = directory
        self.blobs = blobs
        self.trust = trust
        lists = RepositoryLists(
            references: References(directory: directory, tags: tags, store: store), directory: directory, tags: tags,
            manifests: manifests, store: store)
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

    /// - Returns: what each bundle was found to be, and what they were verified by, as `standard` says it.
    func facts(
        about record: ArtifactRecord, for policy: Policy
    ) async throws(RegistryError) -> (facts: [SignatureFact], standard: String) {
        let bundles = try await bundles(about: record)
        let asksForNone = policy.verification.isEmpty
        guard !bundles.isEmpty || !asksForNone else { return ([], "") }
        var root: KnownTrustRoot?
        do throws(TrustRootFault) { root = try await trust.current() } catch { root = nil }
        let contents = try await manifests.contents(of: record.key)
        let check = BundleCheck(
            subject: SignedVersion(manifest: contents.manifest, files: contents.files), keys: policy.keys,
            root: root?.root)
        var facts: [SignatureFact] = []
        var seen: Set<Digest> = []
        for bundle in bundles {
            // Each takes milliseconds of computing: others go in between.
            await Task.yield()
            switch bundle {
            case .attached(let entry):
                guard seen.insert(entry.digest).inserted else { continue }
                let bytes = try await attached.bundle(entry)
                facts.append(
                    bytes.map { check.fact(of: $0, digest: entry.digest) }
                        ?? SignatureFact(bundle: entry.digest, finding: .refused(.unreadable)))
            case .referrer(let version):
                if let fact = try await fact(ofReferrer: version, in: record.key.tenant, check, &seen) {
                    facts.append(fact)
                }
            case .more(let version):
                facts.append(SignatureFact(bundle: version, referrer: version, finding: .refused(.tooManyBundles)))
            }
        }
        return (facts, asksForNone ? "" : Self.standard(root))
    }

    private enum Found {
        case attached(EvidenceEntry)
        case referrer(Digest)
        /// The first of those that are not looked at.
        case more(Digest)
    }

    private func bundles(about record: ArtifactRecord) async throws(RegistryError) -> [Found] {
        let attached = try await attached.list(of: record).map { Found.attached($0) }
        let repository = record.name.pushed?.repository ?? (try? RepositoryName(parsing: record.name.description))
        guard let repository else { return attached }
        let referrers = try await lists.referringVersions(
            of: record.key.version, in: RepositoryKey(tenant: record.key.tenant, name: repository),
            limit: Self.referrersMax + 1)
        let bundles = referrers.filter { $0.artifactType.hasPrefix(Self.bundleTypePrefix) }.map(\.version)
        let found = attached + bundles.prefix(Self.referrersMax).map { .referrer($0) }
        guard referrers.count > Self.referrersMax, let last = referrers.last else { return found }
        return found + [.more(last.version)]
    }

    /// - Returns: `nil` for one that somebody took out of use, and for a bundle that was looked at before.
    private func fact(
        ofReferrer version: Digest, in tenant: Tenant, _ check: BundleCheck, _ seen: inout Set<Digest>
    ) async throws(RegistryError) -> SignatureFact? {
        let key = ArtifactKey(tenant: tenant, version: version)
        let unreadable = SignatureFact(bundle: version, referrer: version, finding: .refused(.unreadable))
        let manifest: [UInt8]
        do throws(RegistryError) {
            let record = try await directory.record(of: key)
            guard record.state != .revoked, record.state.keepsBytes else { return nil }
            manifest = try await manifests.contents(of: key).manifest
        } catch {
            // A store that does not answer says nothing about the bundle.
            guard error.isDamage || error.code == .artifactNotFound || error.code == .manifestNotFound else {
                throw error
            }
            return unreadable
        }
        guard let layer = Self.bundle(of: manifest) else { return unreadable }
        guard seen.insert(layer).inserted else { return nil }
        let opened = try await throughStore { () async throws(StorageFault) in try await blobs.open(layer) }
        guard let bytes = opened?.contents(bytesMax: AttachedBundles.bundleBytesMax),
            ArtifactManifests.hash(bytes, as: layer.algorithm) == layer
        else { return SignatureFact(bundle: layer, referrer: version, finding: .refused(.unreadable)) }
        return check.fact(of: bytes, digest: layer, referrer: version)
    }

    /// The layer of a manifest that is a bundle.
    private static func bundle(of manifest: [UInt8]) -> Digest? {
        guard case .artifact(let manifest)? = try? ManifestDocument(parsing: manifest), manifest.layers.count == 1,
            manifest.layers[0].mediaType.name.hasPrefix(bundleTypePrefix)
        else { return nil }
        return manifest.layers[0].digest
    }
}

extension Policy {
    /// Every key that some rule names, each once.
    fileprivate var keys: [VerificationKey] {
        var seen: Set<VerificationKey> = []
        let signers = verification.flatMap { [$0.signer] + $0.attestations.map(\.signer) }
        return signers.flatMap(\.keys).filter { seen.insert($0).inserted }
    }
}

import OCI
import RegistryCore
import RegistryPorts

/// Knows which bytes were taken out of use under whatever name: naming them anew must not bring them back.
struct WithdrawnBlobs: Sendable {
    private let references: References
    private let store: any MetadataReader

    init(references: References, store: any MetadataReader) {
        self.references = references
        self.store = store
    }

    /// Whether a version that was revoked or is in quarantine names the blob, or that cannot be told.
    ///
    /// - Parameter lookups: most versions that are looked at, and how many are left then; where more name the blob, the
    ///   answer is yes.
    func contain(
        _ digest: Digest, in tenant: Tenant, lookups: inout Int
    ) async throws(RegistryError) -> Bool {
        // Two bytes that every signature shares and that say nothing.
        guard digest != Descriptor.empty.digest else { return false }
        let store = store
        var walk = BlobUserWalk(store, of: digest, pageSize: min(lookups + 1, VersionPage.limitMax))
        while let users = try await throughStore({ () async throws(StorageFault) in try await walk.next() }) {
            lookups -= users.count
            guard lookups >= 0 else {
                lookups = 0
                return true
            }
            for user in users where user.tenant == tenant {
                switch try await references.state(of: user) {
                case .revoked, .quarantined: return true
                case .acquired, .trusted, .deleted: continue
                }
            }
        }
        return false
    }
}

public import OCI

/// A repository of a tenant: where manifests are put, and what tags belong to.
public struct RepositoryKey: Sendable, Hashable {
    public var tenant: Tenant
    public var name: RepositoryName

    public init(tenant: Tenant = .default, name: RepositoryName) {
        self.tenant = tenant
        self.name = name
    }
}

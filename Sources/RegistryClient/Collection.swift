public import RegistryWire

extension RegistryClient {
    /// Has the registry remove bytes that nothing needs any more.
    ///
    /// - Parameter isRehearsal: count, and remove nothing.
    public func collect(
        isRehearsal: Bool, observe: @escaping WorkObserver = { _ in }
    ) async throws(ClientFault) -> CollectionDocument {
        try await exchange(
            .work(.post, APIPath.collection, query: isRehearsal ? [("dry_run", "true")] : []), observe
        ).document()
    }

    /// What the last collection removed.
    public func lastCollection() async throws(ClientFault) -> CollectionDocument {
        try await exchange(APIRequest(.get, APIPath.collection)).document()
    }
}

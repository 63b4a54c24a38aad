public import RegistryWire

extension RegistryClient {
    /// How far looking at what is trusted again has come.
    public func reinspection() async throws(ClientFault) -> ReinspectionDocument {
        try await exchange(APIRequest(.get, APIPath.reinspection)).document()
    }
}

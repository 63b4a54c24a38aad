public import RegistryCore
public import RegistryWire

extension RegistryClient {
    /// Takes in what lies beneath the registry's own directory.
    public func acquire(_ request: AcquireRequest) async throws(ClientFault) -> ArtifactDocument {
        try await exchange(.work(.post, APIPath.acquire, body: request)).document()
    }

    /// Puts an artifact into quarantine and has it inspected.
    public func quarantine(
        _ name: ArtifactName, _ change: ChangeRequest = ChangeRequest()
    ) async throws(ClientFault) -> ChangeDocument {
        try await self.change(APIPath.quarantine, name, change)
    }

    /// Asks for an artifact to be trusted. A policy that does not admit it is a refusal, its reasons in the detail.
    public func promote(_ request: PromoteRequest) async throws(ClientFault) -> ArtifactDocument {
        var request = request
        request.dryRun = false
        return try await exchange(.work(.post, APIPath.promote, body: request)).document()
    }

    /// Asks what a promote would decide, and changes nothing.
    public func decide(_ request: PromoteRequest) async throws(ClientFault) -> DecisionDocument {
        var request = request
        request.dryRun = true
        return try await exchange(.work(.post, APIPath.promote, body: request)).document()
    }

    /// Withdraws an artifact; with `digest` in the change, its bytes under every name.
    public func revoke(
        _ name: ArtifactName, _ change: ChangeRequest = ChangeRequest()
    ) async throws(ClientFault) -> ChangeDocument {
        try await self.change(APIPath.revoke, name, change)
    }

    /// Deletes an artifact. Its record and history stay.
    public func delete(
        _ name: ArtifactName, _ change: ChangeRequest = ChangeRequest()
    ) async throws(ClientFault) -> ChangeDocument {
        let request = APIRequest.work(.delete, APIPath.delete, query: [("name", name.description)], body: change)
        return try await exchange(request).document()
    }

    private func change(
        _ path: String, _ name: ArtifactName, _ change: ChangeRequest
    ) async throws(ClientFault) -> ChangeDocument {
        try await exchange(.work(.post, path, query: [("name", name.description)], body: change)).document()
    }
}

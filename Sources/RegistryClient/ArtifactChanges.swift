public import RegistryCore
public import RegistryWire

extension RegistryClient {
    /// Takes in what lies beneath the registry's own directory.
    public func acquire(
        _ request: AcquireRequest, observe: @escaping WorkObserver = { _ in }
    ) async throws(ClientFault) -> ArtifactDocument {
        let document: ArtifactDocument =
            try await exchange(.work(.post, APIPath.acquire, body: request), observe).document()
        return try document.about(request.name, document.name)
    }

    /// Puts an artifact into quarantine and has it inspected.
    public func quarantine(
        _ name: ArtifactName, _ change: ChangeRequest = ChangeRequest(), observe: @escaping WorkObserver = { _ in }
    ) async throws(ClientFault) -> ChangeDocument {
        try await self.change(.post, APIPath.quarantine, to: "quarantined", name, change, observe)
    }

    /// Asks for an artifact to be trusted. A policy that does not admit it is a refusal, its reasons in the detail.
    public func promote(
        _ request: PromoteRequest, observe: @escaping WorkObserver = { _ in }
    ) async throws(ClientFault) -> ArtifactDocument {
        var request = request
        request.dryRun = false
        let document: ArtifactDocument =
            try await exchange(.work(.post, APIPath.promote, body: request), observe).document()
        return try document.about(request.name, document.name)
    }

    /// Asks what a promote would decide, and changes nothing.
    public func decide(
        _ request: PromoteRequest, observe: @escaping WorkObserver = { _ in }
    ) async throws(ClientFault) -> DecisionDocument {
        var request = request
        request.dryRun = true
        let document: DecisionDocument =
            try await exchange(.work(.post, APIPath.promote, body: request), observe).document()
        return try document.about(request.name, document.name)
    }

    /// Withdraws an artifact; with `digest` in the change, its bytes under every name.
    public func revoke(
        _ name: ArtifactName, _ change: ChangeRequest = ChangeRequest()
    ) async throws(ClientFault) -> ChangeDocument {
        try await self.change(.post, APIPath.revoke, to: "revoked", name, change)
    }

    /// Deletes an artifact. Its record and history stay.
    public func delete(
        _ name: ArtifactName, _ change: ChangeRequest = ChangeRequest()
    ) async throws(ClientFault) -> ChangeDocument {
        try await self.change(.delete, APIPath.delete, to: "deleted", name, change)
    }

    /// Deletes the artifact that `name:tag` or `repository@digest` means, unless it is one of another repository.
    public func delete(
        meant reference: String, _ change: ChangeRequest = ChangeRequest()
    ) async throws(ClientFault) -> ChangeDocument {
        let request = APIRequest.work(.delete, APIPath.delete, query: [("name", reference)], body: change)
        return try Self.changed(try await exchange(request), to: "deleted")
    }

    private static func changed(_ answer: APIAnswer, to outcome: String) throws(ClientFault) -> ChangeDocument {
        let document: ChangeDocument = try answer.document()
        guard document.status == outcome || document.status == "already_\(outcome)" else {
            throw .malformedAnswer(problem: "it does not say that the artifact is \(outcome)")
        }
        return document
    }

    /// - Parameter outcome: what the status says when it is done; with `already_` before it, when it was done before.
    private func change(
        _ method: APIRequest.Method, _ path: String, to outcome: String, _ name: ArtifactName, _ change: ChangeRequest,
        _ observe: WorkObserver? = nil
    ) async throws(ClientFault) -> ChangeDocument {
        let request = APIRequest.work(method, path, query: [("name", name.description)], body: change)
        let answer = if let observe { try await exchange(request, observe) } else { try await exchange(request) }
        let document = try Self.changed(answer, to: outcome)
        return try document.about(name, document.name)
    }
}

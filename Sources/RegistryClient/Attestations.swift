public import RegistryCore
public import RegistryWire

extension RegistryClient {
    /// Attaches a bundle with a signature or statement. The registry verifies it when it decides, and not before.
    public func attach(_ bundle: [UInt8], to name: ArtifactName) async throws(ClientFault) -> EvidenceDocument {
        var request = APIRequest(.post, APIPath.attestations(of: name.description))
        request.body = .json(bundle)
        return try await exchange(request).document()
    }

    /// The bundles that were attached to an artifact, in the order in which they came.
    public func attestations(of name: ArtifactName) async throws(ClientFault) -> [EvidenceDocument] {
        try await exchange(APIRequest(.get, APIPath.attestations(of: name.description))).documents()
    }
}

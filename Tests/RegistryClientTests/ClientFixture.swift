import RegistryClient
import RegistryCore
import StubRegistry
import Testing

/// Runs a stub and a client that talks to it.
func withClient(
    token: String? = "topsecret", patience: RegistryClient.Patience = RegistryClient.Patience(),
    _ handler: @escaping StubServer.Handler, breaking: @escaping StubServer.Breaking = { _ in nil },
    _ body: (RegistryClient, StubServer) async throws -> Void
) async throws {
    try await StubServer.run(handler, breaking: breaking) { server in
        let client = RegistryClient(
            server: try ServerAddress(parsing: server.address),
            token: token.flatMap { BearerToken(fileContent: Array($0.utf8)) }, patience: patience)
        do {
            try await body(client, server)
            await client.shutdown()
        } catch {
            await client.shutdown()
            throw error
        }
    }
}

/// The fault that `body` ends in.
func fault(_ body: () async throws -> Void) async -> ClientFault? {
    do {
        try await body()
        return nil
    } catch {
        return error as? ClientFault
    }
}

enum Sample {
    static let name = "team/model-a"

    static func artifact(_ name: String = name, state: String = "trusted") -> String {
        """
        {"name":"\(name)","format":"gguf","filename":"a.gguf","sha256":"\(digest)","size_bytes":4692,"layout":"file",\
        "state":"\(state)","status":"\(state)","acquired_at":"2026-11-21T10:00:00.000Z",\
        "state_since":"2026-11-21T10:00:00.000Z","digest":"sha256:\(digest)","evidence_count":2,"head_index":7,\
        "a_later_field":true}
        """
    }

    static let digest = String(repeating: "ab", count: 32)
}

func artifactName(_ text: String = Sample.name) throws -> ArtifactName {
    try ArtifactName(parsing: text)
}

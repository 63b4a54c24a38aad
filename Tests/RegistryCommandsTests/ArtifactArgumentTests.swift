import RegistryCommands
import StrictJSON
import StubRegistry
import Testing

@Suite("Artifacts by tag and digest")
struct ArtifactArgumentTests {
    private static let digest = "sha256:" + String(repeating: "a", count: 64)
    private static let version = "team/llama@\(digest)"

    /// A registry that knows one version, under its name and a tag.
    private func registry(_ body: (StubServer) async throws -> Void) async throws {
        try await StubServer.run { request in
            let name = request.query["name"]?.replacing("%2F", with: "/").replacing("%3A", with: ":")
            guard [Self.version, "team/llama:v1"].contains(name?.replacing("%40", with: "@")) else {
                return StubAnswer(404, #"{"error":"none","code":"artifact_not_found","detail":{}}"#)
            }
            return StubAnswer(Sample.artifact(Self.version))
        } _: { server in
            try await body(server)
        }
    }

    @Test("A tag is resolved to the name of the version that it points at", arguments: ["team/llama:v1", version])
    func resolved(_ text: String) async throws {
        try await registry { server in
            let shown = await securectl(["info", text, "--server", server.address, "-o", "json"])
            #expect(shown.status == 0)
            #expect(shown.json?.asObject?["name"]?.asString == Self.version)
            let host = String(server.address.dropFirst("http://".count))
            #expect(await securectl(["info", "\(host)/\(text)", "--server", server.address]).status == 0)
        }
    }

    @Test("Another registry than the one that is used is refused, and not asked")
    func elsewhere() async throws {
        try await registry { server in
            let name = "registry.example:5000/team/llama:v1"
            let shown = await securectl(["info", name, "--server", server.address])
            #expect(shown.status == 64)
            #expect(shown.err.contains("registry.example:5000"))
            #expect(server.requests.isEmpty)
        }
    }

    @Test(
        "What is neither a name nor a reference is refused",
        arguments: ["team/llama:", "a@b", "A/b:v1", "a:b:c", ""])
    func malformed(_ text: String) async throws {
        #expect(await securectl(["info", text]).status == 64)
    }
}

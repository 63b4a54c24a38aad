import DistributionClient
import OCI
import Testing

@Suite("References on the command line")
struct ImageReferenceTests {
    private let digest = "sha256:" + String(repeating: "0", count: 64)

    @Test("A reference has a registry and a repository, and perhaps a tag and a digest")
    func parts() throws {
        let reference = try ImageReference(parsing: "Registry.Example:5000/team/model:v1@\(digest)")
        #expect(reference.registry.description == "registry.example:5000")
        #expect(reference.repository.description == "team/model")
        #expect(reference.tag?.description == "v1")
        #expect(reference.reference == .digest(try Digest(parsing: digest)))
        #expect(reference.description == "registry.example:5000/team/model:v1@\(digest)")
        #expect(try ImageReference(parsing: "localhost/a").reference == .tag(.latest))
        #expect(try ImageReference(parsing: "[::1]:5000/a:b").registry.isLoopback)
    }

    @Test(
        "What is no reference says which rule it breaks",
        arguments: [
            ("model", ImageReference.Fault.registry), ("team/model:v1", .registry), ("", .registry), ("/a", .registry),
            ("u@x.example/a", .registry), ("x.example:0/a", .registry), ("x.example/", .repository),
            ("x.example/A", .repository), ("x.example/a/", .repository), ("x.example/a:", .tag),
            ("x.example/a:-", .tag), ("x.example/a@v1", .digest), ("x.example/a@sha256:00", .digest),
            ("http://x.example/a", .registry),
        ])
    func refused(text: String, fault: ImageReference.Fault) {
        #expect(throws: fault) { try ImageReference(parsing: text) }
    }

    @Test("Docker Hub's credentials are kept under its old name, too")
    func dockerHub() throws {
        let host = try ImageReference(parsing: "docker.io/library/a").registry
        #expect(host.credentialKeys.first == "https://index.docker.io/v1/")
        #expect(try ImageReference(parsing: "x.example/a").registry.credentialKeys.first == "x.example")
    }
}

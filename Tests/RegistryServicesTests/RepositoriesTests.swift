import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StrictJSON
import Testing

@Suite("Repositories")
struct RepositoriesTests {
    private static let bytes = ModelBytes.gguf()
    private let name: RepositoryKey
    private let blob: Digest

    init() throws {
        name = try TestRegistry.repository("org/model")
        blob = try Digest(hashing: Self.bytes)
    }

    @Test("A trusted artifact is a repository with one tag, whose manifest names its file")
    func trusted() async throws {
        try await TestRegistry.scenario { registry in
            let record = try await registry.trust("org/model", Self.bytes)
            let repositories = registry.distribution.repositories
            #expect(try await registry.distribution.lists.tags(of: name).tags == [.latest])
            for reference in [Reference.tag(.latest), .digest(record.key.version)] {
                let served = try await repositories.manifest(reference, in: name, .gate)
                #expect(served.digest == record.key.version)
                #expect(try Digest(hashing: served.bytes) == record.key.version)
                let manifest = try Manifest(parsing: served.bytes)
                #expect(manifest.layers.map(\.digest) == [blob])
                let config = try await repositories.blob(manifest.config.digest, in: name, .gate)
                guard case .document(let document) = config.content else { throw TestFailure("not a document") }
                #expect(try Digest(hashing: document) == manifest.config.digest)
                #expect(UInt64(document.count) == manifest.config.size)
            }
            let served = try await repositories.blob(blob, in: name, .gate)
            guard case .file(let file) = served.content else { throw TestFailure("not a file") }
            #expect(file.sizeBytes == UInt64(Self.bytes.count))
            #expect(await repositories.mayGoOn(served.receipt))
        }
    }

    @Test("Nothing of an artifact is served before it is trusted, and nothing after")
    func gate() async throws {
        try await TestRegistry.scenario { registry in
            let door = registry.distribution.repositories
            try await registry.acquire("org/model", Self.bytes)
            try await expectDenied(registry, "acquired")
            try await registry.quarantine("org/model")
            try await expectDenied(registry, "quarantined")
            try await registry.promote("org/model")
            let served = try await registry.distribution.repositories.blob(blob, in: name, .gate)
            try await registry.revoke("org/model")
            #expect(await !registry.distribution.repositories.mayGoOn(served.receipt))
            try await expectDenied(registry, "revoked")
            try await registry.delete("org/model")
            await expectError(.artifactNotFound) {
                _ = try await door.manifest(.tag(.latest), in: name, .gate)
            }
            await expectError(.artifactNotFound) { _ = try await registry.distribution.lists.tags(of: name) }
        }
    }

    private func expectDenied(_ registry: TestRegistry, _ state: String) async throws {
        let door = registry.distribution.repositories
        let record = try await registry.record("org/model")
        let manifest = try await registry.store.manifest(record.key.version)
        let config = try Manifest(parsing: try #require(manifest)).config.digest
        for reference in [Reference.tag(.latest), .digest(record.key.version)] {
            let error = await expectError(.notTrusted) {
                _ = try await door.manifest(reference, in: name, .gate)
            }
            #expect(error?.detail["state"]?.asString == state)
        }
        for digest in [blob, config] {
            await expectError(.notTrusted) { _ = try await door.blob(digest, in: name, .gate) }
        }
    }

    @Test("A repository serves its own blobs and manifests, and none of another")
    func foreign() async throws {
        try await TestRegistry.scenario { registry in
            let door = registry.distribution.repositories
            try await registry.trust("org/model", Self.bytes)
            let other = try await registry.trust("other", ModelBytes.gguf(seed: 2))
            await expectError(.manifestNotFound) {
                _ = try await door.manifest(.digest(other.key.version), in: name, .gate)
            }
            await expectError(.manifestNotFound) {
                _ = try await door.manifest(.tag(try #require(Tag(parsing: "v1"))), in: name, .gate)
            }
            await expectError(.blobNotFound) {
                _ = try await door.blob(other.acquisition.content.sha256, in: name, .gate)
            }
            await expectError(.artifactNotFound) {
                _ = try await door.blob(blob, in: try TestRegistry.repository("org"), .gate)
            }
        }
    }

    @Test("What was looked for in vain is found as soon as something has its name")
    func foundLater() async throws {
        try await TestRegistry.scenario { registry in
            let door = registry.distribution.repositories
            for _ in 0..<2 {
                await expectError(.artifactNotFound) { _ = try await door.blob(blob, in: name, .gate) }
                await expectError(.artifactNotFound) { _ = try await registry.record("org/model") }
            }
            let record = try await registry.trust("org/model", Self.bytes)
            #expect(try await registry.record("org/model").key == record.key)
            #expect(try await door.blob(blob, in: name, .gate).digest == blob)
        }
    }

    @Test("A file that was written to is not served, and its artifact is out of service")
    func damaged() async throws {
        try await TestRegistry.scenario(leaving: []) { registry in
            let door = registry.distribution.repositories
            try await registry.trust("org/model", Self.bytes)
            registry.world.blobs.damage(blob, at: 3)
            await expectError(.integrityFailed) { _ = try await door.blob(blob, in: name, .gate) }
            await expectError(.notTrusted) { _ = try await door.blob(blob, in: name, .gate) }
        }
    }

    @Test("What is swapped between the check and the opening is noticed on the open file")
    func swapped() async throws {
        try await TestRegistry.scenario(leaving: []) { registry in
            let door = registry.distribution.repositories
            try await registry.trust("org/model", Self.bytes)
            let (blobs, blob) = (registry.world.blobs, blob)
            blobs.onStep { step, _ in if step == .open { blobs.damage(blob, at: 3) } }
            await expectError(.integrityFailed) { _ = try await door.blob(blob, in: name, .gate) }
            blobs.onStep(nil)
        }
    }

    @Test("The catalog pages through the names that repositories can have, without what was deleted")
    func catalog() async throws {
        try await TestRegistry.scenario { registry in
            for (index, name) in ["a", "B/upper", "c", "d", "e"].enumerated() {
                try await registry.acquire(name, ModelBytes.gguf(seed: UInt64(10 + index)))
            }
            try await registry.delete("d")
            let repositories = registry.distribution.lists
            let all = try await repositories.page(after: nil, limit: 100)
            #expect(all.names.map(\.description) == ["a", "c", "e"])
            #expect(all.next == nil)
            var found: [String] = []
            var last: String?
            repeat {
                let page = try await repositories.page(after: last, limit: 1)
                #expect(page.names.count <= 1)
                found += page.names.map(\.description)
                last = page.next
            } while last != nil && found.count < 10
            #expect(found == ["a", "c", "e"])
        }
    }

    @Test(
        "The catalog holds what was pushed and what was acquired in one order, at every size of page", arguments: 1...7)
    func mixedCatalog(_ limit: Int) async throws {
        try await TestRegistry.scenario { registry in
            for (index, name) in ["b", "m", "n/model", "z"].enumerated() {
                try await registry.acquire(name, ModelBytes.gguf(seed: UInt64(10 + index)))
            }
            for (index, name) in ["a/x", "m", "m-1", "n-1", "zz"].enumerated() {
                for seed in 0..<3 {
                    try await registry.push(ModelBytes.gguf(seed: UInt64(100 + 10 * index + seed)), to: name)
                }
            }
            var found: [String] = []
            var last: String?
            repeat {
                let page = try await registry.distribution.lists.page(after: last, limit: limit)
                #expect(page.names.count <= limit)
                found += page.names.map(\.description)
                last = page.next
            } while last != nil && found.count < 20
            #expect(found == ["a/x", "b", "m", "m-1", "n-1", "n/model", "z", "zz"])
        }
    }

    @Test("What was acquired has the tag latest until somebody pushes one")
    func impliedTag() async throws {
        try await TestRegistry.scenario { registry in
            let acquired = try await registry.trust("org/model", Self.bytes)
            let pushed = try await registry.push(ModelBytes.gguf(seed: 7), to: "org/model", tags: ["v2"])
            #expect(try await registry.distribution.lists.tags(of: name).tags.map(\.description) == ["latest", "v2"])
            #expect(try await registry.pull("latest", from: "org/model").digest == acquired.key.version)
            await expectError(.stateConflict) {
                try await registry.distribution.removal.remove(.latest, from: name, TestRegistry.caller)
            }
            await expectError(.stateConflict) {
                try await registry.distribution.removal.remove(acquired.key.version, from: name, TestRegistry.caller)
            }
            try await registry.push(ModelBytes.gguf(seed: 7), to: "org/model", tags: ["latest"])
            #expect(try await registry.name("org/model:latest") == "org/model@\(pushed.version)")
            #expect(
                try await registry.pull(acquired.key.version.description, from: "org/model").digest
                    == acquired.key.version)
        }
    }

    @Test("What an artifact of the model API consists of can be named by a manifest that is pushed beside it")
    func beside() async throws {
        try await TestRegistry.scenario { registry in
            let acquired = try await registry.acquire("org/model", Self.bytes)
            let old = try Manifest(parsing: try #require(try await registry.store.manifest(acquired.key.version)))
            var manifest = old
            manifest.annotations["pushed"] = "beside"
            #expect(
                try await registry.distribution.repositories.blobSize(
                    blob, in: name, receivedSince: .latest) == UInt64(Self.bytes.count))
            try await registry.publish(manifest.encoded(), in: "org/model", tags: ["v2"])
            try await registry.promote(try await registry.name("org/model:v2"))
            _ = try await registry.pull("v2", from: "org/model")
            await expectError(.manifestBlobUnknown) {
                try await registry.publish(manifest.encoded(), in: "other/model")
            }
        }
    }
}

import OCI
import RegistryCore
import RegistryServices
import RegistryTesting
import StrictJSON
import Testing

@Suite("Referrers")
struct ReferrersTests {
    private let repository: RepositoryKey
    private let signature = MediaType.octetStream

    init() throws { repository = try TestRegistry.repository("team/llama") }

    private func digests(
        of subject: Digest, _ registry: TestRegistry, type: String? = nil, limit: Int = 100
    ) async throws -> [String] {
        var found: [String] = []
        var last: Digest?
        repeat {
            let page = try await registry.distribution.lists.referrers(
                of: subject, in: repository, artifactType: type, after: last, limit: limit)
            for descriptor in page.descriptors {
                let object = try StrictJSON.parse(descriptor, limits: .event).asObject
                found.append(object?["digest"]?.asString ?? "none")
            }
            last = page.next
        } while last != nil
        return found
    }

    @Test("What refers to a manifest is listed by type and page by page, whether or not the subject is there")
    func lists() async throws {
        try await TestRegistry.scenario { registry in
            let subject = Descriptor(
                mediaType: .imageManifest, digest: try Digest(hashing: Array("absent".utf8)), size: 6)
            var expected: [Digest] = []
            for number in 0..<5 {
                let bytes = try await registry.manifest(
                    [], in: "team/llama", subject: subject,
                    artifactType: number == 3 ? signature : ModelPack.artifactType,
                    annotations: ["number": "\(number)"])
                let published = try await registry.publish(bytes, in: "team/llama")
                #expect(published.subject == subject.digest)
                expected.append(published.version)
            }
            let other = expected[3].description
            let texts = expected.sorted().map(\.description)
            #expect(try await digests(of: subject.digest, registry) == texts)
            #expect(try await digests(of: subject.digest, registry, limit: 2) == texts)
            #expect(try await digests(of: subject.digest, registry, type: signature.name) == [other])
            #expect(try await digests(of: expected[0], registry).isEmpty)
            try await registry.distribution.removal.remove(expected[3], from: repository, TestRegistry.caller)
            #expect(try await digests(of: subject.digest, registry) == texts.filter { $0 != other })
        }
    }

    @Test("What clients kept under a tag is listed, too, and nothing twice")
    func fallback() async throws {
        try await TestRegistry.scenario { registry in
            let subject = Descriptor(
                mediaType: .imageManifest, digest: try Digest(hashing: Array("absent".utf8)), size: 6)
            let known = try await registry.manifest([], in: "team/llama", subject: subject)
            let old = try await registry.manifest([], in: "team/llama", annotations: ["kept": "by a client"])
            var listed: [Descriptor] = []
            for bytes in [known, old] {
                let version = try await registry.publish(bytes, in: "team/llama").version
                listed.append(
                    Descriptor(
                        mediaType: .imageManifest, digest: version, size: UInt64(bytes.count),
                        artifactType: ModelPack.artifactType))
            }
            try await registry.publish(
                ImageIndex(manifests: listed).encoded(), in: "team/llama", tags: ["sha256-\(subject.digest.hex)"])
            let expected = listed.map(\.digest).sorted().map(\.description)
            #expect(try await digests(of: subject.digest, registry) == expected)
            #expect(try await digests(of: subject.digest, registry, limit: 1) == expected)
            #expect(try await digests(of: subject.digest, registry, type: signature.name).isEmpty)
        }
    }
}

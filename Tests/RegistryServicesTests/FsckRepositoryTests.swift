import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StorageMemory
import Testing

@Suite("Fsck of repositories")
struct FsckRepositoryTests {
    private typealias Code = FsckProblem.Code

    /// What somebody does to the store, and what fsck calls it.
    private struct Damage: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var codes: Set<Code>
        var plant: @Sendable (TestRegistry, SealedTag, RepositoryKey) async throws -> Void
    }

    private static let damages: [Damage] = [
        Damage(testDescription: "a tag that points elsewhere", codes: [.tagForged, .tagDiffers]) {
            registry, tag, repository in
            var other = tag
            other.version = try Digest(hashing: [1])
            registry.world.store.tamper(.tag(other, repository))
        },
        Damage(testDescription: "an older tag with a genuine seal", codes: [.tagDiffers]) {
            registry, tag, repository in
            let old = registry.world.sealer.seal(
                tag.tag, at: try Digest(hashing: [1]), eventIndex: 3, time: tag.time, in: repository)
            registry.world.store.tamper(.tag(old, repository))
        },
        Damage(testDescription: "a tag of another repository", codes: [.tagForged, .tagDiffers]) {
            registry, tag, repository in
            registry.world.store.tamper(.tag(tag, try TestRegistry.repository("team/index")))
        },
        Damage(testDescription: "a tag that is gone", codes: [.tagDiffers]) { registry, tag, repository in
            registry.world.store.tamper(.noTag(tag.tag, repository))
        },
        Damage(testDescription: "a manifest that is gone from its repository", codes: [.placeDiffers]) {
            registry, tag, repository in registry.world.store.tamper(.noPlace(tag.version, repository))
        },
        Damage(testDescription: "a manifest that nobody put there", codes: [.placeDiffers]) {
            registry, tag, repository in
            let place = try #require(try await registry.store.place(of: tag.version, in: repository))
            registry.world.store.tamper(.place(place, try TestRegistry.repository("team/index")))
        },
        Damage(testDescription: "a manifest in a repository that never was", codes: [.placeDiffers]) {
            registry, tag, repository in
            let place = try #require(try await registry.store.place(of: tag.version, in: repository))
            registry.world.store.tamper(.place(place, try TestRegistry.repository("never/seen")))
        },
        Damage(testDescription: "a blob that the manifest does not name", codes: [.placeDiffers]) {
            registry, tag, repository in
            try await edit(registry, tag.version, repository) { $0.blobs.append(try Digest(hashing: [1])) }
        },
        Damage(testDescription: "a blob that is forgotten", codes: [.placeDiffers]) { registry, tag, repository in
            try await edit(registry, tag.version, repository) { $0.blobs.removeLast() }
        },
        Damage(testDescription: "a referrer that is none", codes: [.placeDiffers]) { registry, tag, repository in
            try await edit(registry, tag.version, repository) { place in
                place.referrer = StoredReferrer(
                    subject: try Digest(hashing: [1]), version: place.version, artifactType: "a/b", descriptor: [])
            }
        },
        Damage(testDescription: "a referrer with another type", codes: [.placeDiffers]) { registry, _, repository in
            for placed in try await registry.store.manifests(in: repository, after: 0, limit: 100) {
                try await edit(registry, placed.version, repository) { $0.referrer?.artifactType = "a/signature" }
            }
        },
        Damage(testDescription: "an entry that is filed under another tag", codes: [.entryMisfiled]) {
            registry, tag, repository in
            registry.world.store.tamper(
                .entryPlace(tag.eventIndex, EntryPlace(repository: repository, tag: try TestRegistry.tag("other"))))
        },
        Damage(testDescription: "an entry that is not filed under its repository", codes: [.entryMisfiled]) {
            registry, tag, _ in registry.world.store.tamper(.entryPlace(tag.eventIndex, nil))
        },
        Damage(testDescription: "an entry about the registry that is filed under a repository", codes: [.entryMisfiled])
        { registry, _, repository in
            registry.world.store.tamper(.entryPlace(0, EntryPlace(repository: repository, tag: nil)))
        },
    ]

    private static func edit(
        _ registry: TestRegistry, _ version: Digest, _ repository: RepositoryKey,
        _ change: (inout ManifestPlace) throws -> Void
    ) async throws {
        var place = try #require(try await registry.store.place(of: version, in: repository))
        try change(&place)
        registry.world.store.tamper(.place(place, repository))
    }

    @Test("Damage of repositories is named for what it is, and nothing else is", arguments: damages)
    private func damage(_ damage: Damage) async throws {
        let registry = try await TestRegistry(try TestWorld())
        try await PushedRegistry.populate(registry)
        #expect(try await registry.fsck(deep: true).problems == [])
        let repository = try TestRegistry.repository("team/a")
        let tag = try #require(try await registry.store.tag(.latest, in: repository))
        try await damage.plant(registry, tag, repository)
        let problems = try await registry.restarted().fsck(deep: false).problems
        #expect(Set(problems.map(\.code)) == damage.codes, "\(problems)")
        #expect(problems.allSatisfy { !$0.sentence.isEmpty && !$0.subject.isEmpty })
    }
}

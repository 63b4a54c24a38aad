import FileTestSupport
import LinuxFiles
import RepositorySimulator
import TUF
import TUFUpdater
import Testing

@Suite("Updating from a repository into a cache")
struct MetadataUpdaterTests {
    private let scratch: ScratchDirectory
    private let source: MemorySource
    private let anchor: [UInt8]

    init() throws {
        scratch = try ScratchDirectory()
        var repository = try RepositorySimulator()
        repository.roles["targets"]?.targets = [("trusted_root.json", Array("{}".utf8))]
        try repository.publishRevision(of: "targets")
        source = MemorySource(repository)
        anchor = repository.anchor
    }

    /// One process after another works in the cache.
    @discardableResult
    private func update(
        at now: MetadataTime = RepositorySimulator.start, isOnline: Bool = true,
        _ body: (MetadataUpdater, TrustedMetadata) async throws -> Void = { _, _ in }
    ) async throws -> TrustedMetadata {
        let cache = try await MetadataCache(opening: scratch.directory)
        defer { cache.close() }
        let updater = MetadataUpdater(source: isOnline ? source : nil, cache: cache, anchor: anchor)
        let metadata = try await updater.update(at: now)
        try await body(updater, metadata)
        return metadata
    }

    private func file(_ name: String) throws -> [UInt8] {
        try scratch.directory.openFile(name).readAll(bytesMax: 1 << 20)
    }

    @Test("Files are kept byte for byte under the names of their roles, and roots under their versions, too")
    func kept() async throws {
        try source.change { repository in
            repository.revise("root")
            try repository.publish("root")
        }
        try await update()
        for (name, published) in [
            ("root.json", "2.root.json"), ("roots/2.root.json", "2.root.json"), ("timestamp.json", "timestamp.json"),
            ("snapshot.json", "2.snapshot.json"), ("targets.json", "2.targets.json"),
        ] {
            #expect(try file(name) == source.files[published])
        }
    }

    @Test("What is kept does without a repository until it expires")
    func offline() async throws {
        try await update()
        let before = source.requests.count
        let last = MetadataTime(clamping: RepositorySimulator.expiry.secondsSince1970 - 1)
        try await update(at: last, isOnline: false) { updater, metadata in
            let target = try await updater.target("trusted_root.json", in: metadata)
            #expect(target.length == 2)
        }
        #expect(source.requests.count == before)
        let refusal = TUFRefusal(.root, .expired(at: RepositorySimulator.expiry, now: RepositorySimulator.expiry))
        await #expect(throws: UpdateFault.refused(refusal)) {
            try await update(at: RepositorySimulator.expiry, isOnline: false)
        }
    }

    @Test("A clock that was set back does not bring expired metadata back")
    func clockSetBack() async throws {
        let end = MetadataTime(clamping: 1_800_001_000)
        try source.change { repository in
            repository.roles["timestamp"]?.expires = end
            try repository.publishRevision()
        }
        try await update()
        let later = MetadataTime(clamping: 1_800_002_000)
        try source.change { repository in
            repository.roles["timestamp"]?.expires = RepositorySimulator.expiry
            try repository.publishRevision()
        }
        try await update(at: later)
        try source.change { repository in
            repository.roles["timestamp"]?.expires = end
            try repository.publishRevision()
        }
        await #expect(throws: UpdateFault.refused(TUFRefusal(.timestamp, .expired(at: end, now: later)))) {
            try await update()
        }
    }

    @Test("A clock that is far ahead is not remembered, since nothing was valid by it")
    func clockAhead() async throws {
        await #expect(throws: UpdateFault.self) { try await update(at: MetadataTime(clamping: .max)) }
        try await update()
    }

    @Test("Nothing kept and nobody to ask is no trust")
    func nothing() async throws {
        await #expect(throws: UpdateFault.refused(TUFRefusal(.timestamp, .absent))) {
            try await update(isOnline: false)
        }
    }

    @Test(
        "An update that breaks off leaves what can be gone on from",
        arguments: ["2.root.json", "3.root.json", "timestamp.json", "3.snapshot.json", "3.targets.json"])
    func breaksOff(name: String) async throws {
        try await update()
        try source.change { repository in
            repository.revise("root")
            try repository.publish("root")
            try repository.publishRevision(of: "targets")
        }
        source.fail(at: name)
        await #expect(throws: UpdateFault.unavailable(file: name, reason: "out of reach")) { try await update() }
        source.fail(at: nil)
        #expect(try await update().targets.header.version == 3)
    }

    @Test("A repository that lost its timestamp is not taken for one that did not change")
    func timestampAbsent() async throws {
        try await update()
        source.change { $0.files["timestamp.json"] = nil }
        await #expect(throws: UpdateFault.refused(TUFRefusal(.timestamp, .absent))) { try await update() }
    }

    @Test("Whoever changes files of the cache gets no trust: they are verified, and fetched again")
    func damagedCache() async throws {
        try await update()
        for name in ["root.json", "timestamp.json", "snapshot.json", "targets.json"] {
            try DurableFile.replace(name, in: scratch.directory, with: Array("{}".utf8))
        }
        await #expect(throws: UpdateFault.self) { try await update(isOnline: false) }
        #expect(try await update().targets.header.version == 2)
    }

    @Test("Targets are fetched, compared with what was signed, and refused if they are another")
    func targets() async throws {
        try await update { updater, metadata in
            let target = try await updater.target("trusted_root.json", in: metadata)
            #expect(try await updater.content(of: target, in: metadata) == Array("{}".utf8))
            source.change { repository in
                for name in repository.targetFiles.keys { repository.targetFiles[name] = Array("[]".utf8) }
            }
            await #expect(throws: UpdateFault.refused(TUFRefusal(.targets, .hashMismatch))) {
                try await updater.content(of: target, in: metadata)
            }
        }
    }

    @Test("A target that was fetched does without a repository, as long as it is the one that is signed")
    func keptTargets() async throws {
        try await update { updater, metadata in
            let target = try await updater.target("trusted_root.json", in: metadata)
            #expect(try await updater.keptContent(of: target, in: metadata) == Array("{}".utf8))
        }
        try await update(isOnline: false) { updater, metadata in
            let target = try await updater.target("trusted_root.json", in: metadata)
            #expect(try await updater.keptContent(of: target, in: metadata) == Array("{}".utf8))
            try DurableFile.replace(
                "trusted_root.json", in: try scratch.directory.subdirectory("content"), with: Array("[]".utf8))
            await #expect(throws: UpdateFault.self) { try await updater.keptContent(of: target, in: metadata) }
        }
    }

    @Test("Two processes do not work in one cache at a time")
    func locked() async throws {
        let cache = try await MetadataCache(opening: scratch.directory)
        await #expect { try await MetadataCache(opening: scratch.directory) } throws: { error in
            guard case UpdateFault.busy = error else { return false }
            return true
        }
        cache.close()
        try await update()
    }

    @Test("What a process left behind that ended while it wrote is removed, and nothing else")
    func leftovers() async throws {
        try await update()
        try scratch.write([1], as: DurableFile.temporaryPrefix + "123-1")
        try scratch.write([1], as: "of somebody else")
        try await update()
        let names = try scratch.directory.entries(entriesMax: 100).compactMap(\.name).sorted()
        #expect(
            names == [
                "content", "last-update", "lock", "of somebody else", "roots", "snapshot.json", "targets.json",
                "timestamp.json",
            ])
    }
}

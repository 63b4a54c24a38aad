import FileTestSupport
import Foundation
import LinuxFiles
import RegistryCore
import RegistryPorts
import RegistryServer
import RegistryTesting
import RepositorySimulator
import Sigstore
import TUF
import TUFUpdater
import Testing

@Suite("The trusted root that decisions are made by")
struct TrustedRootBookTests {
    private let scratch: ScratchDirectory
    private let clock = TestClock(Timestamp(clamping: RepositorySimulator.start.secondsSince1970 * 1_000))

    init() throws {
        scratch = try ScratchDirectory()
    }

    private static func vector() throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Vectors/sigstore")
        return Array(try Data(contentsOf: folder.appending(path: "trusted_root.json")))
    }

    private func write(_ bytes: [UInt8], _ name: String) throws {
        try DurableFile.replace(name, in: scratch.directory, with: bytes, permissions: 0o600)
    }

    private func pinned() -> TrustSource { .pinned(path: "\(scratch.path)/root.json") }

    @Test("Without a trusted root there is none, and nobody looks for one")
    func none() async throws {
        let book = TrustedRootBook(nil, clock: clock)
        await #expect(throws: TrustRootFault.notConfigured) { try await book.current() }
    }

    @Test("A pinned file is read when the first asks, and again once what is known is old")
    func kept() async throws {
        let bytes = try Self.vector()
        try write(bytes, "root.json")
        let lasting = TrustedRootBook(pinned(), clock: clock, keptFor: .seconds(3_600))
        let forgetful = TrustedRootBook(pinned(), clock: clock, keptFor: .zero)
        let first = try await lasting.current()
        #expect(!first.root.certificateAuthorities.isEmpty)
        #expect(try await forgetful.current().digest == first.digest)
        try write(bytes + [0x20], "root.json")
        #expect(try await lasting.current().digest == first.digest)
        #expect(try await forgetful.current().digest != first.digest)
    }

    @Test("What is no trusted root, or gone, is unreadable, whatever was there before")
    func unreadable() async throws {
        try write(try Self.vector(), "root.json")
        let book = TrustedRootBook(pinned(), clock: clock, keptFor: .zero)
        _ = try await book.current()
        try write(Array("{}".utf8), "root.json")
        await #expect(throws: TrustRootFault.unreadable) { try await book.current() }
        try scratch.directory.removeFile("root.json")
        await #expect(throws: TrustRootFault.unreadable) { try await book.current() }
    }

    /// A repository whose metadata was fetched into a cache once.
    private func repository() async throws -> TrustSource {
        var repository = try RepositorySimulator()
        repository.roles["targets"]?.targets = [("trusted_root.json", try Self.vector())]
        try repository.publishRevision(of: "targets")
        try write(repository.anchor, "anchor.json")
        let folder = try scratch.directory.subdirectory(making: "cache", permissions: 0o700)
        let cache = try await MetadataCache(opening: folder)
        defer { cache.close() }
        let updater = MetadataUpdater(source: FetchedOnce(repository), cache: cache, anchor: repository.anchor)
        let metadata = try await updater.update(at: RepositorySimulator.start)
        let target = try await updater.target("trusted_root.json", in: metadata)
        _ = try await updater.keptContent(of: target, in: metadata)
        let address = try #require(RepositoryAddress(parsing: "https://tuf.example/"))
        return .repository(
            TrustRepository(
                metadata: address, targets: address, anchorPath: "\(scratch.path)/anchor.json",
                cachePath: "\(scratch.path)/cache", refreshSeconds: 0))
    }

    @Test("What a repository signed counts without it until it expires, and not a moment longer")
    func expiry() async throws {
        let book = TrustedRootBook(try await repository(), clock: clock, keptFor: .seconds(3_600))
        _ = try await book.current()
        let rest = RepositorySimulator.expiry.secondsSince1970 - RepositorySimulator.start.secondsSince1970
        clock.advance(seconds: rest - 1)
        _ = try await book.current()
        clock.advance(seconds: 1)
        await #expect(throws: TrustRootFault.expired) { try await book.current() }
    }

    @Test("While an update is at work in the cache, what is known goes on counting until it expires")
    func busy() async throws {
        let source = try await repository()
        let book = TrustedRootBook(source, clock: clock, keptFor: .zero)
        let first = try await book.current()
        let late = TrustedRootBook(source, clock: clock, keptFor: .zero)
        let cache = try await MetadataCache(opening: try scratch.directory.subdirectory("cache"))
        #expect(try await book.current().digest == first.digest)
        await #expect(throws: TrustRootFault.unreadable) { try await late.current() }
        clock.advance(seconds: 366 * 86_400)
        await #expect(throws: TrustRootFault.self) { try await book.current() }
        cache.close()
    }

    @Test("A root that the operator does not vouch for is unreadable")
    func otherAnchor() async throws {
        let source = try await repository()
        var other = try RepositorySimulator()
        for name in ["root", "timestamp"] {
            other.roles[name] = SimulatedRole(keys: [SimulatedKey(99)], expires: RepositorySimulator.expiry)
        }
        try other.publish("root")
        try write(other.anchor, "anchor.json")
        let book = TrustedRootBook(source, clock: clock, keptFor: .zero)
        await #expect(throws: TrustRootFault.unreadable) { try await book.current() }
    }
}

/// A simulated repository as the source of one update.
private struct FetchedOnce: MetadataSource {
    let repository: RepositorySimulator

    init(_ repository: RepositorySimulator) {
        self.repository = repository
    }

    func metadata(_ request: MetadataRequest) async throws(UpdateFault) -> [UInt8]? {
        repository.files[request.fileName]
    }

    func target(_ address: String, bytesMax: Int, by role: RoleName) async throws(UpdateFault) -> [UInt8] {
        guard let bytes = repository.targetFiles[address] else {
            throw .unavailable(file: address, reason: "there is none")
        }
        return bytes
    }
}

import FileTestSupport
import Glibc
import LinuxFiles
import OCI
import RegistryCore
import RegistryPorts
import StorageFilesystem
import Testing

@Suite("Sources beneath the registry's directory", .serialized)
struct FilesystemSourcesTests {
    let fixture: StoreFixture

    init() throws {
        fixture = try StoreFixture()
    }

    private func fault(_ path: String) async throws -> SourceFault? {
        let path = try RelativePath(parsing: path)
        do throws(SourceFault) {
            _ = try await fixture.sources.open(path)
            return nil
        } catch {
            return error
        }
    }

    private func folder(_ name: String) throws -> Directory {
        try fixture.scratch.directory.makeDirectory(name, permissions: 0o755)
    }

    @Test("A file is opened and lends its bytes")
    func opensFile() async throws {
        try fixture.scratch.write([1, 2, 3], as: "model.gguf")
        guard case .file(let file) = try await fixture.sources.open(RelativePath(parsing: "model.gguf")) else {
            Issue.record("a file is no directory")
            return
        }
        #expect(file.sizeBytes == 3)
        #expect(try content(of: file) == [1, 2, 3])
    }

    @Test("A directory's files are found at any depth, sorted by the bytes of their paths")
    func opensDirectory() async throws {
        let model = try folder("model")
        for name in ["config.json", "a-b", "a.b"] { _ = try model.createFile(name, permissions: 0o644) }
        try model.makeDirectory("a", permissions: 0o755).createFile("weights", permissions: 0o644).write([7], at: 0)
        _ = try model.makeDirectory(".git", permissions: 0o755).createFile("HEAD", permissions: 0o644)
        guard case .directory(let tree) = try await fixture.sources.open(RelativePath(parsing: "model")) else {
            Issue.record("a directory is no file")
            return
        }
        #expect(tree.paths.map(\.description) == ["a-b", "a.b", "a/weights", "config.json"])
        #expect(try content(of: try await tree.open(RelativePath(parsing: "a/weights"))) == [7])
        await #expect(throws: SourceFault.notFound) { try await tree.open(RelativePath(parsing: "absent")) }
    }

    @Test("A link is refused, whether it is the source, lies before it or in it")
    func refusesLinks() async throws {
        let model = try folder("model")
        try model.createFile("file", permissions: 0o644).write([1], at: 0)
        #expect(symlink("model/file", "\(fixture.scratch.path)/toFile") == 0)
        #expect(symlink("model", "\(fixture.scratch.path)/toFolder") == 0)
        #expect(symlink("/etc", "\(fixture.scratch.path)/outside") == 0)
        #expect(try await fault("toFile") == .link)
        #expect(try await fault("toFolder") == .link)
        #expect(try await fault("toFolder/file") == .link)
        #expect(try await fault("outside/passwd") == .link)
        #expect(symlink("file", "\(fixture.scratch.path)/model/inner") == 0)
        #expect(try await fault("model") == .link)
    }

    @Test("A file with a second name is refused, alone and in a directory")
    func refusesSecondNames() async throws {
        try fixture.scratch.write([1], as: "file")
        _ = try folder("model")
        #expect(link("\(fixture.scratch.path)/file", "\(fixture.scratch.path)/model/second") == 0)
        #expect(try await fault("file") == .severalLinks(path: "file"))
        guard case .directory(let tree) = try await fixture.sources.open(RelativePath(parsing: "model")) else { return }
        await #expect(throws: SourceFault.severalLinks(path: "second")) {
            try await tree.open(RelativePath(parsing: "second"))
        }
    }

    @Test("What is not a file is refused, alone and in a directory")
    func refusesOtherKinds() async throws {
        #expect(mkfifo("\(fixture.scratch.path)/pipe", 0o644) == 0)
        #expect(try await fault("pipe") == .notARegularFile(path: "pipe"))
        _ = try folder("model")
        #expect(mkfifo("\(fixture.scratch.path)/model/pipe", 0o644) == 0)
        #expect(try await fault("model") == .notARegularFile(path: "pipe"))
    }

    @Test("The registry's own files are no source", arguments: ["store", "store/lock", "store/keys", "trusted"])
    func refusesOwnFiles(path: String) async throws {
        #expect(try await fault(path) == .ownFiles)
    }

    @Test("What is not there is not found, and an empty directory is empty")
    func refusesNothing() async throws {
        #expect(try await fault("absent") == .notFound)
        #expect(try await fault("absent/file") == .notFound)
        try fixture.scratch.write([1], as: "file")
        #expect(try await fault("file/inner") == .notFound)
        _ = try folder("empty").makeDirectory("inner", permissions: 0o755)
        #expect(try await fault("empty") == .empty)
    }

    @Test("Names that cannot be served are refused", arguments: ["back\\slash", "bell\u{7}"])
    func refusesNames(name: String) async throws {
        _ = try folder("model").createFile(name, permissions: 0o644)
        #expect(try await fault("model") == .badName)
    }

    @Test("Trees deeper or larger than the limits are refused")
    func boundsTrees() async throws {
        var inner = try folder("deep")
        for _ in 0..<FilesystemSources.depthMax - 1 { inner = try inner.makeDirectory("d", permissions: 0o755) }
        _ = try inner.createFile("file", permissions: 0o644)
        #expect(try await fault("deep") == nil)
        _ = try inner.makeDirectory("d", permissions: 0o755).createFile("file", permissions: 0o644)
        #expect(try await fault("deep") == .tooDeep(limit: FilesystemSources.depthMax))
        let wide = try folder("wide")
        for number in 0...FilesystemSources.filesMax { _ = try wide.createFile("\(number)", permissions: 0o644) }
        #expect(try await fault("wide") == .tooManyFiles(limit: FilesystemSources.filesMax))
    }
}

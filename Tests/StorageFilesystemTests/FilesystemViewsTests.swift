import FileTestSupport
import Glibc
import LinuxFiles
import OCI
import RegistryCore
import RegistryPorts
import StorageFilesystem
import Testing

// One after another: each store has 256 folders open, and all at once would need more than machines give.
@Suite("Views of what is trusted", .serialized)
struct FilesystemViewsTests {
    let fixture: StoreFixture

    init() throws {
        fixture = try StoreFixture()
    }

    private func name(_ text: String) throws -> ArtifactName {
        try ArtifactName(parsing: text)
    }

    /// Keeps a blob for each path, whose content is the path and `variant`.
    private func files(_ paths: [String], variant: String = "") async throws -> [ViewedFile] {
        var files: [ViewedFile] = []
        for path in paths {
            files.append(
                ViewedFile(
                    path: try RelativePath(parsing: path), digest: try await fixture.keep(Array((path + variant).utf8)))
            )
        }
        return files
    }

    private func text(_ path: String) throws -> String? {
        guard let file = try? Directory(path: "/").openFile(String(path.dropFirst())) else { return nil }
        return String(decoding: try file.readAll(bytesMax: 1_000), as: UTF8.self)
    }

    private var trustedNames: [String?] {
        get throws { try fixture.scratch.directory.subdirectory("trusted").entries(entriesMax: 100).map(\.name) }
    }

    @Test("A blob that has all the names that it can get gets no further one, and nothing is left of the attempt")
    func linkLimit() async throws {
        let views = try FilesystemViews(fixture.store, linksMax: 4)
        let (one, two) = (try await files(["m"]), try await files(["x", "a/y"]).map(\.path))
        let shared = one[0].digest
        let twice = two.map { ViewedFile(path: $0, digest: shared) }
        try await views.requireNames(for: one)
        try await views.publish(try name("a"), files: one)
        try await views.requireNames(for: twice)
        #expect(try await fixture.blobs.identity(of: shared)?.links == 2)
        try await views.publish(try name("b"), files: twice)
        #expect(try await fixture.blobs.identity(of: shared)?.links == 4)
        let more = try await files(["other"]) + one
        await #expect(throws: StorageFault.tooManyNames) { try await views.requireNames(for: more) }
        await #expect(throws: StorageFault.tooManyNames) { try await views.publish(try name("c"), files: more) }
        #expect(try await fixture.blobs.identity(of: shared)?.links == 4)
        #expect(try await fixture.blobs.identity(of: more[0].digest)?.links == 1)
        #expect(try await fixture.isStagingEmpty)
        #expect(try await views.names(limit: 10).count == 2)
        try await views.withdraw(try name("a"))
        try await views.requireNames(for: one)
        await #expect(throws: StorageFault.tooManyNames) { try await views.requireNames(for: twice) }
    }

    @Test("Published files are where the path says, are the blobs themselves and cannot be written")
    func publishes() async throws {
        let name = try name("llama/tiny")
        let files = try await files(["model.gguf", "tokenizer/vocab.json", "tokenizer/deep/merges.txt"])
        #expect(try await !fixture.views.shows(name, files: files))
        try await fixture.views.publish(name, files: files)
        #expect(try await fixture.views.shows(name, files: files))
        for file in files {
            let path = fixture.views.path(of: name, file: file.path)
            #expect(path == "\(fixture.scratch.path)/trusted/llama/tiny/\(file.path)")
            #expect(try text(path) == file.path.description)
            #expect(try await fixture.blobs.identity(of: file.digest)?.links == 2)
        }
        for (path, permissions) in [("llama", 0o755), ("llama/tiny", 0o1555), ("llama/tiny/tokenizer/deep", 0o1555)] {
            #expect(try fixture.scratch.directory.identity(of: "trusted/\(path)").permissions == UInt32(permissions))
        }
        #expect(try await fixture.views.names(limit: 10) == [name])
        #expect(try await fixture.isStagingEmpty)
        try await fixture.views.publish(name, files: files)
        #expect(try await fixture.views.shows(name, files: files))
    }

    @Test("A withdrawn view is gone with its folders, and its blobs stay")
    func withdraws() async throws {
        let files = try await files(["a/b/c", "d"])
        let (one, two) = (try name("x/y/one"), try name("x/two"))
        for name in [one, two] { try await fixture.views.publish(name, files: files) }
        try await fixture.views.withdraw(one)
        #expect(try await fixture.views.names(limit: 10) == [two])
        #expect(try await !fixture.views.shows(one, files: files))
        #expect(try await fixture.views.shows(two, files: files))
        try await fixture.views.withdraw(two)
        try await fixture.views.withdraw(two)
        #expect(try trustedNames.isEmpty)
        #expect(try await fixture.blobs.identity(of: files[0].digest)?.links == 1)
        #expect(try await fixture.isStagingEmpty)
    }

    @Test("Publishing other files replaces the view as a whole")
    func replaces() async throws {
        let name = try name("model")
        let before = try await files(["same", "old/gone"])
        let after = try await files(["same", "new"], variant: "2")
        try await fixture.views.publish(name, files: before)
        try await fixture.views.publish(name, files: after)
        #expect(try await fixture.views.shows(name, files: after))
        #expect(try await !fixture.views.shows(name, files: before))
        #expect(try text(fixture.views.path(of: name, file: RelativePath(parsing: "same"))) == "same2")
        #expect(try text(fixture.views.path(of: name, file: RelativePath(parsing: "old/gone"))) == nil)
        #expect(try await fixture.isStagingEmpty)
    }

    @Test("A copy, another file, a missing or an added one is noticed")
    func noticesTampering() async throws {
        let name = try name("model")
        let files = try await files(["weights", "sub/config"])
        let view = "\(fixture.scratch.path)/trusted/model"
        func tampered(_ body: () throws -> Void) async throws -> Bool {
            try await fixture.views.withdraw(name)
            try await fixture.views.publish(name, files: files)
            try #require(try await fixture.views.shows(name, files: files))
            #expect(chmod(view, 0o755) == 0 && chmod("\(view)/sub", 0o755) == 0)
            try body()
            #expect(chmod(view, 0o1555) == 0 && chmod("\(view)/sub", 0o1555) == 0)
            return try await !fixture.views.shows(name, files: files)
        }
        let folder = try fixture.scratch.directory.subdirectory("trusted")
        var noticed = try await tampered {}
        #expect(!noticed)
        noticed = try await tampered { #expect(unlink("\(view)/weights") == 0) }
        #expect(noticed, "a file is missing")
        noticed = try await tampered {
            #expect(unlink("\(view)/weights") == 0)
            let copy = try folder.subdirectory("model").createFile("weights", permissions: 0o444)
            try copy.write(Array("weights".utf8), at: 0)
        }
        #expect(noticed, "a file is a copy")
        noticed = try await tampered {
            #expect(rename("\(view)/weights", "\(fixture.scratch.path)/kept") == 0)
            #expect(symlink("\(fixture.scratch.path)/kept", "\(view)/weights") == 0)
        }
        #expect(noticed, "a file is a link to the blob")
        noticed = try await tampered {
            _ = try folder.subdirectory("model/sub").createFile("modeling.py", permissions: 0o444)
        }
        #expect(noticed, "a file was added")
    }

    @Test("A name within a view, or above other views, stands in the way and harms neither")
    func keepsNamesApart() async throws {
        let files = try await files(["inner/file", "file"])
        let (outer, inner) = (try name("a"), try name("a/inner"))
        try await fixture.views.publish(outer, files: files)
        await #expect(throws: StorageFault.changed) { try await fixture.views.publish(inner, files: files) }
        try await fixture.views.withdraw(inner)
        #expect(try await fixture.views.shows(outer, files: files))
        try await fixture.views.withdraw(outer)

        try await fixture.views.publish(inner, files: files)
        await #expect(throws: StorageFault.changed) { try await fixture.views.publish(outer, files: files) }
        try await fixture.views.withdraw(outer)
        #expect(try await fixture.views.shows(inner, files: files))
        #expect(try await fixture.views.names(limit: 10) == [inner])
    }

    @Test("An artifact whose files are all in folders is one name")
    func nestedOnly() async throws {
        let files = try await files(["a/file", "b/file"])
        let name = try name("space/nested")
        try await fixture.views.publish(name, files: files)
        #expect(try await fixture.views.names(limit: 10) == [name])
        try await fixture.views.withdraw(name)
        #expect(try trustedNames.isEmpty)
    }

    @Test("Something foreign in a view's place is not replaced, but is listed and can be withdrawn")
    func foreignFiles() async throws {
        let files = try await files(["file"])
        try fixture.scratch.directory.subdirectory("trusted").createFile("model", permissions: 0o644).write([1], at: 0)
        #expect(symlink("/etc", "\(fixture.scratch.path)/trusted/link") == 0)
        await #expect(throws: StorageFault.changed) { try await fixture.views.publish(name("model"), files: files) }
        await #expect(throws: StorageFault.changed) { try await fixture.views.publish(name("model/x"), files: files) }
        await #expect(throws: StorageFault.changed) { try await fixture.views.publish(name("link/x"), files: files) }
        #expect(Set(try await fixture.views.names(limit: 10)) == [try name("model"), try name("link")])
        for name in ["model", "link"] { try await fixture.views.withdraw(self.name(name)) }
        #expect(try trustedNames.isEmpty)
        #expect(access("/etc/passwd", F_OK) == 0)
    }

    @Test("A view goes whatever was done to the folders around it")
    func disturbedFolders() async throws {
        let files = try await files(["file"])
        let trusted = "\(fixture.scratch.path)/trusted"
        let disturbances: [(String, () -> Void)] = [
            ("a stray file beside it", { #expect(creat("\(trusted)/org/README", 0o644) >= 0) }),
            ("its folder of names made read-only", { #expect(chmod("\(trusted)/org", 0o555) == 0) }),
            ("the folder of names hidden", { #expect(chmod("\(trusted)/org", 0o700) == 0) }),
            ("the view made writable", { #expect(chmod("\(trusted)/org/a", 0o755) == 0) }),
            ("the view made another's kind", { #expect(chmod("\(trusted)/org/a", 0o700) == 0) }),
        ]
        for (what, disturb) in disturbances {
            try await fixture.views.publish(name("org/a"), files: files)
            try await fixture.views.publish(name("org/b"), files: files)
            disturb()
            try await fixture.views.withdraw(name("org/a"))
            #expect(access("\(trusted)/org/a", F_OK) != 0, "\(what)")
            #expect(try await fixture.views.shows(name("org/b"), files: files), "\(what)")
            for stray in try await fixture.views.names(limit: 10) where stray != (try name("org/b")) {
                try await fixture.views.withdraw(stray)
            }
            #expect(try await fixture.views.shows(name("org/b"), files: files), "\(what)")
            try await fixture.views.withdraw(name("org/b"))
            #expect(try trustedNames.isEmpty, "\(what)")
        }
    }

    @Test("A link in the way of a view that has to go is an error, not an absence")
    func linkedFolder() async throws {
        let files = try await files(["file"])
        try await fixture.views.publish(name("org/a"), files: files)
        let trusted = "\(fixture.scratch.path)/trusted"
        #expect(rename("\(trusted)/org", "\(fixture.scratch.path)/elsewhere") == 0)
        #expect(symlink("\(fixture.scratch.path)/elsewhere", "\(trusted)/org") == 0)
        await #expect(throws: StorageFault.self) { try await fixture.views.withdraw(name("org/a")) }
        #expect(unlink("\(trusted)/org") == 0)
        try await fixture.views.withdraw(name("org/a"))
    }

    @Test("A view of a blob that is missing is not made, not even in part")
    func missingBlob() async throws {
        var files = try await files(["here"])
        files.append(ViewedFile(path: try RelativePath(parsing: "absent"), digest: try sha256([0xAB])))
        await #expect(throws: StorageFault.notFound) { try await fixture.views.publish(name("model"), files: files) }
        #expect(try trustedNames.isEmpty)
        #expect(try await fixture.isStagingEmpty)
        #expect(try await fixture.blobs.identity(of: files[0].digest)?.links == 1)
    }

    @Test("Views that share a folder of names can be made and withdrawn at the same time")
    func concurrent() async throws {
        let files = try await files(["file"])
        try await withThrowingTaskGroup { group in
            for number in 0..<20 {
                group.addTask { [self] in
                    for _ in 0..<5 {
                        try await fixture.views.publish(name("shared/m\(number)"), files: files)
                        #expect(try await fixture.views.shows(name("shared/m\(number)"), files: files))
                        try await fixture.views.withdraw(name("shared/m\(number)"))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try trustedNames.isEmpty)
    }
}

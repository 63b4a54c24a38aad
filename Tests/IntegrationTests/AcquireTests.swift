import Foundation
import Glibc
import ServerFixture
import StrictJSON
import Testing

@Suite("/v1/model/acquire")
struct AcquireTests {
    @Test("A file is taken in once; again with the same bytes gives the same record and no event")
    func twice() async throws {
        try await withRegistry { registry in
            let sha256 = try registry.home.write(ModelFiles.gguf(1), as: "in/a.gguf")
            let first = try await registry.acquire(
                "a", "in/a.gguf", sha256,
                [("source", "https://example.org/a"), ("source_revision", "v1"), ("format", "gguf")])
            expect(first, 201)
            #expect(first["state"] == "acquired")
            #expect(first["source"] == "https://example.org/a")
            #expect(first["source_revision"] == "v1")
            let second = try await registry.acquire("a", "in/a.gguf", "sha256:" + sha256.uppercased())
            expect(second, 200)
            #expect(second.json["head_index"] == first.json["head_index"])
            #expect(try await registry.kinds() == ["acquired"])
        }
    }

    @Test("What is taken in is a copy: changing the source afterwards changes nothing")
    func copy() async throws {
        try await withRegistry { registry in
            try await registry.takeIn("a", ModelFiles.gguf(1), filename: "in/a.gguf")
            try writeFile(ModelFiles.gguf(2), to: registry.home.directory + "/in/a.gguf")
            expect(try await registry.post("/v1/model/verify?name=a"), 200)
            expect(try await registry.promote("a"), 201)
        }
    }

    @Test("A name that has other bytes keeps them once somebody was given them, and takes new ones before")
    func otherBytes() async throws {
        try await withRegistry { registry in
            try await registry.takeIn("a", ModelFiles.gguf(1))
            let second = try registry.home.write(ModelFiles.gguf(2), as: "second")
            expect(try await registry.acquire("a", "second", second), 201)
            #expect(try await registry.get("/v1/model/a")["sha256"] == second)
            expect(try await registry.promote("a"), 201)
            let third = try registry.home.write(ModelFiles.gguf(3), as: "third")
            let refused = try await registry.acquire("a", "third", third)
            expect(refused, 409, "artifact_exists")
            #expect(refused.detail["state"]?.asString == "trusted")
            #expect(try await registry.get("/v1/model/a")["sha256"] == second)
        }
    }

    @Test(
        "A name that was revoked or deleted is not brought back by receiving its bytes again",
        arguments: ["revoke", "delete"])
    func noResurrection(how: String) async throws {
        try await withRegistry { registry in
            let sha256 = try await registry.admit("a", ModelFiles.gguf(1), filename: "in/a.gguf")
            expect(
                how == "revoke" ? try await registry.revoke("a") : try await registry.delete("/v1/model/a"), 200)
            let state = try await registry.state(of: "a")
            expect(try await registry.acquire("a", "in/a.gguf", sha256), 409, "artifact_exists")
            let other = try registry.home.write(ModelFiles.gguf(2), as: "in/b.gguf")
            expect(try await registry.acquire("a", "in/b.gguf", other), 409, "artifact_exists")
            expect(
                try await registry.send(
                    .put("/v1/model/a/content?filename=a.gguf&sha256=\(sha256)", ModelFiles.gguf(1))),
                409, "artifact_exists")
            #expect(try await registry.state(of: "a") == state)
        }
    }

    @Test("A name cannot be a folder of another one, nor the other way round")
    func nameConflicts() async throws {
        try await withRegistry { registry in
            let sha256 = try await registry.takeIn("org/team/model", ModelFiles.gguf(1), filename: "file")
            for name in ["org", "org/team", "org/team/model/part"] {
                expect(try await registry.acquire(name, "file", sha256), 409, "name_conflict")
            }
            for name in ["org/team/model2", "org/tea", "org2"] {
                expect(try await registry.acquire(name, "file", sha256), 201)
            }
        }
    }

    @Test("Sources that are no honest file of their own are refused")
    func refusedSources() async throws {
        try await withRegistry { registry in
            let root = registry.home.directory
            let sha256 = try registry.home.write(ModelFiles.gguf(1), as: "real.gguf")
            try registry.home.write(ModelFiles.gguf(1), as: "folder/real.gguf")
            let files = FileManager.default
            try files.createSymbolicLink(atPath: root + "/link", withDestinationPath: "real.gguf")
            try files.createSymbolicLink(atPath: root + "/linked-folder", withDestinationPath: "folder")
            try files.createSymbolicLink(atPath: root + "/out", withDestinationPath: registry.home.path)
            try files.linkItem(atPath: root + "/real.gguf", toPath: registry.home.path + "/elsewhere")
            try #require(mkfifo(root + "/fifo", 0o600) == 0)
            try files.createDirectory(atPath: root + "/nothing", withIntermediateDirectories: false)
            for (filename, code) in [
                ("link", "source_refused"), ("linked-folder/real.gguf", "source_refused"),
                ("out/token", "source_refused"), ("real.gguf", "source_refused"), ("fifo", "source_refused"),
                ("nothing", "source_refused"), ("store", "source_refused"), ("store/keys/row-seal", "source_refused"),
                ("store/metadata/registry.db", "source_refused"), ("trusted", "source_refused"),
                ("absent.gguf", "source_not_found"), ("folder/absent", "source_not_found"),
                ("real.gguf/x", "source_not_found"),
            ] {
                let answer = try await registry.acquire("a", filename, sha256)
                expect(answer, 422, code)
            }
            #expect(try await registry.get("/v1/models").names == [])
        }
    }

    @Test("Bytes that are not the announced ones are refused, with what they are")
    func mismatches() async throws {
        try await withRegistry { registry in
            let bytes = ModelFiles.gguf(1)
            let sha256 = try registry.home.write(bytes, as: "a")
            let other = String(repeating: "0", count: 64)
            let digest = try await registry.acquire("a", "a", other)
            expect(digest, 422, "digest_mismatch")
            #expect(digest.detail["expected"]?.asString == other)
            #expect(digest.detail["actual"]?.asString == sha256)
            let size = try await registry.acquire("a", "a", sha256, [("size_bytes", .integer(bytes.count + 1))])
            expect(size, 422, "size_mismatch")
            #expect(size.detail["actual"]?.asUInt64 == UInt64(bytes.count))
            let format = try await registry.acquire("a", "a", sha256, [("format", "safetensors")])
            expect(format, 400, "invalid_field")
            #expect(format.detail["field"]?.asString == "format")
            expect(try await registry.acquire("a", "a", nil), 400, "missing_field")
            for digest in ["", "abc", sha256.dropLast() + "g", "md5:" + sha256, sha256 + "0", "../" + sha256] {
                expect(try await registry.acquire("a", "a", String(digest)), 400, "invalid_digest")
            }
            #expect(try await registry.get("/v1/models").names == [])
            #expect(try await registry.kinds() == [])
        }
    }

    @Test("An empty file is taken in as what it is, and never trusted")
    func empty() async throws {
        try await withRegistry { registry in
            let sha256 = try registry.home.write([], as: "empty.gguf")
            let answer = try await registry.acquire("a", "empty.gguf", sha256)
            if answer.status == 201 {
                #expect(answer["format"] == "empty")
                expect(try await registry.promote("a"), 422, "policy_refused")
                expect(try await registry.path(of: "a"), 403, "not_trusted")
            } else {
                expect(answer, 422, "source_refused")
            }
        }
    }

    @Test("A directory is taken in file by file under the digest that coreutils would give it")
    func directory() async throws {
        try await withRegistry { registry in
            let files = [
                "a b.json": Array("{}".utf8), "sub/weights.safetensors": ModelFiles.safetensors(),
                "sub/deep/er/notes.txt": Array("hello\n".utf8),
            ]
            for (name, bytes) in files { try registry.home.write(bytes, as: "in/\(name)") }
            try registry.home.write([1], as: "in/.git/config")
            let listing = files.keys.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
                .map { "\(sha256(files[$0] ?? []))  \($0)\n" }.joined()
            let expected = sha256(Array(listing.utf8))
            let wrong = try await registry.acquire("a", "in", String(repeating: "1", count: 64))
            expect(wrong, 422, "digest_mismatch")
            let answer = try await registry.acquire("a", "in", expected)
            expect(answer, 201)
            #expect(answer["sha256"] == expected)
            #expect(answer["format"] == "safetensors")
            #expect(answer.json["size_bytes"]?.asUInt64 == UInt64(files.values.reduce(0) { $0 + $1.count }))
        }
    }

    @Test("A directory with anything in it that is no honest file is refused as a whole")
    func badDirectories() async throws {
        try await withRegistry { registry in
            let root = registry.home.directory
            let files = FileManager.default
            for name in ["link", "hard", "fifo", "deep", "newline"] {
                try registry.home.write(ModelFiles.safetensors(), as: "\(name)/w.safetensors")
            }
            try files.createSymbolicLink(atPath: root + "/link/etc", withDestinationPath: "/etc")
            try files.linkItem(atPath: root + "/hard/w.safetensors", toPath: root + "/second-name")
            try #require(mkfifo(root + "/fifo/pipe", 0o600) == 0)
            try registry.home.write(
                [1], as: "deep/" + Array(repeating: "d", count: 40).joined(separator: "/") + "/f")
            try registry.home.write([1], as: "newline/a\nb")
            for name in ["link", "hard", "fifo", "deep", "newline"] {
                expect(try await registry.acquire(name, name, nil), 422, "source_refused")
            }
            #expect(try await registry.get("/v1/models").names == [])
        }
    }

    @Test("Bytes that were refused leave nothing behind")
    func nothingLeft() async throws {
        try await withRegistry { registry in
            let sha256 = try registry.home.write(ModelFiles.gguf(1), as: "a")
            expect(try await registry.acquire("a", "a", String(sha256.reversed())), 422, "digest_mismatch")
            #expect(!FileManager.default.fileExists(atPath: registry.home.blobPath(sha256)))
            let staging = registry.home.directory + "/store/staging"
            #expect(try FileManager.default.contentsOfDirectory(atPath: staging) == [])
        }
    }

    @Test("A text that goes into the log is bounded and holds no control characters")
    func boundedTexts() async throws {
        try await withRegistry { registry in
            let sha256 = try registry.home.write(ModelFiles.gguf(1), as: "a")
            for text in [String(repeating: "x", count: 1_025), "a\nb", "a\u{1B}[31m", "a\u{0}b", "\u{85}"] {
                for field in ["source", "source_revision"] {
                    let answer = try await registry.acquire("a", "a", sha256, [(field, .string(text))])
                    expect(answer, 400, "invalid_field")
                    #expect(answer.detail["field"]?.asString == field)
                }
            }
        }
    }
}

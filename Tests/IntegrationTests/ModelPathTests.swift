import Foundation
import ServerFixture
import StrictJSON
import Testing

@Suite("/v1/model/path")
struct ModelPathTests {
    @Test("The path of a trusted artifact leads to its bytes, under its own file name, read-only")
    func trusted() async throws {
        try await withRegistry { registry in
            let bytes = ModelFiles.gguf(1)
            let sha256 = try await registry.admit("org/tiny", bytes, filename: "in/Tiny-Q4.gguf")
            let answer = try await registry.path(of: "org/tiny")
            expect(answer, 200)
            #expect(answer["sha256"] == sha256)
            #expect(answer.json["size_bytes"]?.asUInt64 == UInt64(bytes.count))
            #expect(answer["storage_contract"] == "content-addressed-v1")
            let path = try #require(answer["path"])
            #expect(path == registry.home.directory + "/trusted/org/tiny/Tiny-Q4.gguf")
            #expect(FileManager.default.contents(atPath: path) == Data(bytes))
            let permissions = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(permissions.map { $0 & 0o222 } == 0)
            #expect(try await registry.get("/v1/model/org/tiny")["path"] == path)
        }
    }

    @Test("Nothing but what is trusted has a path, and the answer says where it stands instead")
    func notTrusted() async throws {
        try await withRegistry { registry in
            expect(try await registry.path(of: "a"), 404, "artifact_not_found")
            try await registry.takeIn("a", ModelFiles.gguf(), filename: "in/a.gguf")
            try await expectRefusal(registry, "acquired")
            _ = try await registry.post("/v1/model/quarantine?name=a")
            try await expectRefusal(registry, "quarantined")
            expect(try await registry.promote("a"), 201)
            expect(try await registry.path(of: "a"), 200)
            _ = try await registry.revoke("a")
            try await expectRefusal(registry, "revoked")
            _ = try await registry.delete("/v1/model/a")
            try await expectRefusal(registry, "deleted")
        }
    }

    private func expectRefusal(_ registry: RunningRegistry, _ state: String) async throws {
        let answer = try await registry.path(of: "a")
        expect(answer, 403, "not_trusted")
        #expect(answer.detail["state"]?.asString == state)
        #expect(answer["path"] == nil)
        #expect(try await registry.get("/v1/model/a")["path"] == nil)
        #expect(!FileManager.default.fileExists(atPath: registry.home.directory + "/trusted/a"))
    }

    @Test("A file that was written to is not served, and the artifact is out of service from then on")
    func tampered() async throws {
        try await withRegistry(leavesDamage: true) { registry in
            let sha256 = try await registry.admit("a", ModelFiles.gguf(1))
            expect(try await registry.path(of: "a"), 200)
            try flipBit(of: registry.home.blobPath(sha256), at: 200)
            let answer = try await registry.path(of: "a")
            expect(answer, 409, "integrity_failed")
            #expect(answer.detail["expected"]?.asString == sha256)
            expect(try await registry.path(of: "a"), 403, "not_trusted")
            #expect(try await registry.state(of: "a") == "quarantined")
            #expect(!FileManager.default.fileExists(atPath: registry.home.directory + "/trusted/a"))
        }
    }

    @Test(
        "A stored file that is gone, another one, cut off, a link or linked elsewhere is not served",
        arguments: ["rm", "cut", "replace", "symlink", "link", "directory", "grow"])
    func damaged(how: String) async throws {
        try await withRegistry(leavesDamage: true) { registry in
            let bytes = ModelFiles.gguf(1)
            let blob = registry.home.blobPath(try await registry.admit("a", bytes))
            let files = FileManager.default
            let elsewhere = registry.home.path + "/elsewhere"
            switch how {
            case "rm": try files.removeItem(atPath: blob)
            case "cut": try writeFile(Array(bytes.dropLast()), to: blob)
            case "grow": try writeFile(bytes + [0], to: blob)
            case "link": try files.linkItem(atPath: blob, toPath: elsewhere)
            default:
                try files.removeItem(atPath: blob)
                switch how {
                case "replace": try writeFile(ModelFiles.gguf(2), to: blob)
                case "symlink":
                    try writeFile(bytes, to: elsewhere)
                    try files.createSymbolicLink(atPath: blob, withDestinationPath: elsewhere)
                default: try files.createDirectory(atPath: blob, withIntermediateDirectories: false)
                }
            }
            expect(try await registry.path(of: "a"), 409, "integrity_failed")
            #expect(try await registry.state(of: "a") == "quarantined")
        }
    }

    @Test("Asking for the path of a large file again does not read it again")
    func notRead() async throws {
        try await withRegistry { registry in
            let megabytes = 24
            try await registry.admit("large", ModelFiles.largeGGUF(1, megabytes: megabytes))
            expect(try await registry.path(of: "large"), 200)
            let before = try registry.bytesRead()
            for _ in 0..<10 { expect(try await registry.path(of: "large"), 200) }
            #expect(try registry.bytesRead() - before < 4 << 20)
        }
    }

    @Test("A file is read again when its last hash is older than allowed")
    func oldHash() async throws {
        try await withRegistry(["hash_age_seconds": "0"]) { registry in
            try await registry.admit("large", ModelFiles.largeGGUF(1, megabytes: 8))
            let before = try registry.bytesRead()
            expect(try await registry.path(of: "large"), 200)
            #expect(try registry.bytesRead() - before > 8 << 20)
        }
    }

    @Test("The view of a directory holds each of its files under its own path")
    func directory() async throws {
        try await withRegistry { registry in
            let weights = ModelFiles.safetensors()
            try registry.home.write(weights, as: "in/model/weights.safetensors")
            try registry.home.write(Array(#"{"model_type":"bert"}"#.utf8), as: "in/model/config/config.json")
            let acquired = try await registry.acquire("org/checkout", "in/model", nil)
            expect(acquired, 201)
            #expect(acquired["layout"] == "directory")
            expect(try await registry.promote("org/checkout"), 201)
            let path = try #require(try await registry.path(of: "org/checkout")["path"])
            #expect(path == registry.home.directory + "/trusted/org/checkout")
            #expect(FileManager.default.contents(atPath: path + "/weights.safetensors") == Data(weights))
            #expect(FileManager.default.fileExists(atPath: path + "/config/config.json"))
        }
    }

    @Test("A view that somebody took away is there again when its path is asked for")
    func viewRemoved() async throws {
        try await withRegistry { registry in
            try await registry.admit("a", ModelFiles.gguf(1), filename: "in/a.gguf")
            let path = try #require(try await registry.path(of: "a")["path"])
            try FileManager.default.removeItem(atPath: registry.home.directory + "/trusted/a")
            expect(try await registry.path(of: "a"), 200)
            #expect(FileManager.default.contents(atPath: path) == Data(ModelFiles.gguf(1)))
        }
    }

    @Test("What is trusted stays so over a restart, and its path is given without reading it again")
    func restart() async throws {
        let home = try RegistryHome()
        try await withRegistry(home) { registry in
            try await registry.admit("large", ModelFiles.largeGGUF(1, megabytes: 8))
            expect(try await registry.path(of: "large"), 200)
        }
        try await withRegistry(home) { registry in
            let before = try registry.bytesRead()
            expect(try await registry.path(of: "large"), 200)
            #expect(try registry.bytesRead() - before < 4 << 20)
        }
    }
}

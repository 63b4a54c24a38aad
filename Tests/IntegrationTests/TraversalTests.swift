import Foundation
import ServerFixture
import StrictJSON
import Testing

@Suite("Paths that climb")
struct TraversalTests {
    private static let canary = ModelFiles.gguf(77)

    /// Runs a corpus against a registry with a canary wherever a path could climb to, and looks whether it was reached.
    private func attack(
        _ requests: (RunningRegistry, _ sha256: String) -> [HTTPRequest],
        _ isRight: (HTTPResponse) -> Bool
    ) async throws {
        try await withRegistry { registry in
            let home = registry.home
            let places = [home.path + "/canary", home.directory + "/store/canary"]
            for place in places { try writeFile(Self.canary, to: place) }
            defer { for place in places { try? FileManager.default.removeItem(atPath: place) } }
            let requests = requests(registry, sha256(Self.canary))
            try #require(requests.count > 100)
            let answers = try await registry.sendAll(requests)
            for (request, answer) in zip(requests, answers) where !isRight(answer) {
                Issue.record("\(request.method) \(request.target.prefix(200)) \(request.bodyText): \(answer)")
            }
            #expect(try await registry.get("/v1/models").names == [])
            #expect(try await registry.kinds() == [])
            #expect(try FileManager.default.contentsOfDirectory(atPath: home.directory + "/trusted") == [])
            for place in places { #expect(FileManager.default.contents(atPath: place) == Data(Self.canary)) }
        }
    }

    /// Refused for the name, the path, or because nothing like it is there. Never done, never a fault of ours.
    private static func isRefusal(_ answer: HTTPResponse) -> Bool {
        [400, 404, 405, 422].contains(answer.status) && answer.code != nil
    }

    @Test("No filename of the corpus is acquired")
    func acquireFilename() async throws {
        try await attack(
            { _, sha256 in
                TraversalCorpus.texts.map { text in
                    .post("/v1/model/acquire", ["name": "a", "filename": .string(text), "sha256": .string(sha256)])
                }
            },
            { answer in
                ["invalid_path", "source_not_found", "source_refused", "missing_field"].contains(answer.code)
            })
    }

    @Test("No filename of the corpus is promoted")
    func promoteFilename() async throws {
        try await attack(
            { _, sha256 in
                TraversalCorpus.texts.map { text in
                    .post("/v1/promote", ["name": "a", "filename": .string(text), "sha256": .string(sha256)])
                }
            },
            { ["invalid_path", "source_not_found", "source_refused"].contains($0.code) })
    }

    @Test("No name of the corpus is a name, in bodies")
    func bodyNames() async throws {
        try await attack(
            { registry, sha256 in
                _ = try? registry.home.write(Self.canary, as: "file")
                return TraversalCorpus.texts.filter { !isName($0) }.flatMap { text in
                    [
                        .post(
                            "/v1/model/acquire",
                            ["name": .string(text), "filename": "file", "sha256": .string(sha256)]),
                        .post("/v1/model/promote", ["name": .string(text)]),
                    ]
                }
            },
            // `sha256:` and digits reads as a tag of a repository, which is not there.
            { $0.code == "invalid_name" || $0.status == 404 && $0.code == "artifact_not_found" })
    }

    @Test("No name of the corpus is a name, in queries, escaped or not")
    func queryNames() async throws {
        try await attack(
            { _, _ in
                let escaped = TraversalCorpus.texts.filter { !isName($0) }.map(TraversalCorpus.escaped)
                return (escaped + TraversalCorpus.raw.filter { !isName($0) && !$0.contains("&") }).flatMap { text in
                    [
                        HTTPRequest.get("/v1/model?name=\(text)"), .get("/v1/model/path?name=\(text)"),
                        .post("/v1/model/verify?name=\(text)"), .post("/v1/model/quarantine?name=\(text)"),
                        .post("/v1/model/revoke?name=\(text)"), .delete("/v1/model/delete?name=\(text)"),
                        .post("/v1/model/verify-manifest?name=\(text)"),
                    ]
                }
            },
            Self.isRefusal)
    }

    @Test("No path of the corpus reaches anything")
    func pathNames() async throws {
        try await attack(
            { _, _ in
                // What is odd and still a name gets as far as its bytes, which are others.
                let sha256 = String(repeating: "0", count: 64)
                let texts = TraversalCorpus.raw + TraversalCorpus.texts.map(TraversalCorpus.escaped)
                return texts.flatMap { text in
                    [
                        HTTPRequest.get("/v1/model/\(text)"), .delete("/v1/model/\(text)"),
                        .get("/v1/model/\(text)/evidence/\(text)"), .get("/log/tile/\(text)"),
                        .put("/v1/model/\(text)/content?filename=f&sha256=\(sha256)", Self.canary),
                    ]
                }
            },
            Self.isRefusal)
    }

    @Test("No filename of the corpus is the name of an upload")
    func uploadFilename() async throws {
        try await attack(
            { _, sha256 in
                TraversalCorpus.texts.filter { !isFileName($0) }.map { text in
                    .put(
                        "/v1/model/a/content?filename=\(TraversalCorpus.escaped(text))&sha256=\(sha256)", Self.canary)
                }
            },
            { $0.code == "invalid_path" })
    }

    @Test("No digest of the corpus is a digest")
    func digests() async throws {
        try await attack(
            { registry, sha256 in
                _ = try? registry.home.write(Self.canary, as: "file")
                return TraversalCorpus.texts.filter { !$0.hasPrefix("sha256:0000") }.flatMap { text in
                    [
                        .post("/v1/model/acquire", ["name": "a", "filename": "file", "sha256": .string(text)]),
                        .put("/v1/model/a/content?filename=f&sha256=\(TraversalCorpus.escaped(text))", Self.canary),
                    ]
                }
            },
            { $0.code == "invalid_digest" })
    }
}

private func isName(_ text: String) -> Bool {
    text.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*/) != nil && text.utf8.count <= 256
}

/// What is odd and still a path that stays where it is.
private func isFileName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 1_024 && !text.hasPrefix("/") && !text.contains("\\")
        && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
        && text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && part != "." && part != ".." && part.utf8.count <= 255
        } && text.split(separator: "/").count <= 32
}

extension HTTPRequest {
    fileprivate var bodyText: String { String(decoding: (body ?? []).prefix(200), as: UTF8.self) }
}

import ServerFixture
import StrictJSON
import Testing

@Suite("/v1/model")
struct ModelTests {
    @Test("An artifact is found by parameter and by path, a name with slashes too, escaped or not")
    func found() async throws {
        try await withRegistry { registry in
            try await registry.takeIn("org/team/model-1.5_b", ModelFiles.gguf())
            try await registry.takeIn("flat", ModelFiles.gguf(2))
            for target in [
                "/v1/model?name=org/team/model-1.5_b", "/v1/model?name=org%2Fteam%2Fmodel-1.5_b",
                "/v1/model/org/team/model-1.5_b", "/v1/model/org%2Fteam%2Fmodel-1.5_b",
                "/v1/model/org%2fteam/model-1%2E5_b",
            ] {
                let answer = try await registry.get(target)
                expect(answer, 200)
                #expect(answer["name"] == "org/team/model-1.5_b", "\(target)")
            }
            #expect(try await registry.get("/v1/model/flat")["name"] == "flat")
        }
    }

    @Test("A name that ends like a part of an artifact is reached with an escaped slash")
    func nameLikeAPart() async throws {
        try await withRegistry { registry in
            try await registry.takeIn("all/events", ModelFiles.gguf())
            #expect(try await registry.get("/v1/model/all%2Fevents")["name"] == "all/events")
            #expect(try await registry.get("/v1/model?name=all/events")["name"] == "all/events")
            expect(try await registry.get("/v1/model/all/events"), 404, "artifact_not_found")
            #expect(try await registry.kinds(of: "all%2Fevents") == ["acquired"])
        }
    }

    @Test("The entity tag is the record's version and changes with it")
    func entityTag() async throws {
        try await withRegistry { registry in
            try await registry.takeIn("a", ModelFiles.gguf())
            let before = try await registry.get("/v1/model/a")
            #expect(before[header: "etag"] == "\"\(before.json["head_index"]?.asUInt64 ?? .max)\"")
            _ = try await registry.promote("a")
            let after = try await registry.get("/v1/model/a")
            #expect(after[header: "etag"] != before[header: "etag"])
        }
    }

    @Test("What is not there is not found")
    func notFound() async throws {
        try await withRegistry { registry in
            for target in [
                "/v1/model/nobody", "/v1/model?name=nobody", "/v1/model/nobody/events", "/v1/model/nobody/evidence",
                "/v1/model/nobody:latest", "/v1/model?name=nobody:latest", "/v1/model/path?name=nobody:latest",
            ] {
                expect(try await registry.get(target), 404, "artifact_not_found")
            }
        }
    }

    @Test(
        "What is no name is refused",
        arguments: [
            "", ".", "..", "a//b", "/a", "a/", "-a", ".a", "a/.b", "a/-b", "a%20b", "a%00b", "a%0Ab", "%C3%A4",
            "a%5Cb", "a%252Fb", "a@b", "A:b", "a:", "a@", String(repeating: "a", count: 257),
        ])
    func badNames(name: String) async throws {
        try await withRegistry { registry in
            expect(try await registry.get("/v1/model?name=\(name)"), 400, "invalid_name")
            expect(try await registry.get("/v1/model/path?name=\(name)"), 400, "invalid_name")
        }
    }

    @Test("A name has 256 bytes at most")
    func longName() async throws {
        try await withRegistry { registry in
            let name = String(repeating: "n", count: 256)
            let sha256 = try registry.home.write(ModelFiles.gguf(), as: "file")
            let answer = try await registry.acquire(name, "file", sha256)
            expect(answer, 400, "invalid_name")
            let parts = Array(repeating: String(repeating: "n", count: 63), count: 4).joined(separator: "/")
            expect(try await registry.acquire(parts, "file", sha256), 201)
            expect(try await registry.promote(parts), 201)
            expect(try await registry.path(of: parts), 200)
            expect(try await registry.acquire(parts + "nn", "file", sha256), 400, "invalid_name")
        }
    }

    @Test("A parameter that is missing or given twice is named")
    func parameters() async throws {
        try await withRegistry { registry in
            let missing = try await registry.get("/v1/model")
            expect(missing, 400, "missing_field")
            #expect(missing.detail["field"]?.asString == "name")
            let twice = try await registry.get("/v1/model?name=a&name=b")
            expect(twice, 400, "invalid_field")
            #expect(twice.detail["field"]?.asString == "name")
        }
    }
}

import ServerFixture
import StrictJSON
import Testing

@Suite("/v1/models")
struct ModelsTests {
    @Test("A new registry lists nothing")
    func empty() async throws {
        try await withRegistry { registry in
            let answer = try await registry.get("/v1/models")
            expect(answer, 200)
            #expect(answer.json == [])
            #expect(answer[header: "link"] == nil)
        }
    }

    @Test("Every artifact is listed in whatever state, in the order of names, with its fields")
    func everything() async throws {
        try await withRegistry { registry in
            let sha256 = try await registry.admit("b", ModelFiles.gguf(1), filename: "in/tiny.gguf")
            try await registry.takeIn("a/nested", ModelFiles.safetensors(), filename: "in/w.safetensors")
            try await registry.takeIn("B", ModelFiles.gguf(2))
            _ = try await registry.delete("/v1/model/B")
            let answer = try await registry.get("/v1/models")
            #expect(answer.names == ["B", "a/nested", "b"])
            let rows = answer.json.asArray ?? []
            #expect(rows.compactMap { $0["state"]?.asString } == ["deleted", "acquired", "trusted"])
            #expect(rows.compactMap { $0["status"]?.asString } == ["deleted", "acquired", "trusted"])
            #expect(rows.map { $0["path"] != nil } == [false, false, true])
            let row = try #require(rows.last)
            #expect(row["format"]?.asString == "gguf")
            #expect(row["filename"]?.asString == "tiny.gguf")
            #expect(row["sha256"]?.asString == sha256)
            #expect(row["size_bytes"]?.asUInt64 == UInt64(ModelFiles.gguf(1).count))
            #expect(row["digest"]?.asString?.hasPrefix("sha256:") == true)
            #expect(row["acquired_at"]?.asString?.hasSuffix("Z") == true)
            #expect(row["promoted_at"]?.asString?.hasSuffix("Z") == true)
            #expect(rows[1]["promoted_at"] == nil)
            #expect(row["gguf_guard_fingerprint"] != nil && row["gguf_guard_manifest"] != nil)
        }
    }

    @Test("Filters select by state, format, source and a part of the name, and together")
    func filters() async throws {
        try await withRegistry { registry in
            let gguf = try registry.home.write(ModelFiles.gguf(1), as: "g")
            let tensors = try registry.home.write(ModelFiles.safetensors(1), as: "s")
            _ = try await registry.acquire("alpha-1", "g", gguf, [("source", "hub")])
            _ = try await registry.acquire("alpha-2", "s", tensors, [("source", "hub")])
            _ = try await registry.acquire("beta-1", "g", gguf, [("source", "disk & dust")])
            _ = try await registry.promote("beta-1")
            for (query, names) in [
                ("state=trusted", ["beta-1"]), ("state=acquired", ["alpha-1", "alpha-2"]), ("state=revoked", []),
                ("format=gguf", ["alpha-1", "beta-1"]), ("source=hub", ["alpha-1", "alpha-2"]),
                ("source=disk%20%26%20dust", ["beta-1"]), ("q=alpha", ["alpha-1", "alpha-2"]),
                ("q=-1", ["alpha-1", "beta-1"]),
                ("q=%25", []), ("q=_", []), ("format=gguf&source=hub", ["alpha-1"]),
                ("state=acquired&format=safetensors&q=alpha", ["alpha-2"]),
            ] {
                let answer = try await registry.get("/v1/models?\(query)")
                expect(answer, 200)
                #expect(answer.names == names, "\(query)")
            }
        }
    }

    @Test("Pages follow one another by Link, each artifact once, and keep the filters")
    func pages() async throws {
        try await withRegistry { registry in
            let sha256 = try registry.home.write(ModelFiles.gguf(), as: "file")
            let names = (0..<25).map { "m\($0 < 10 ? "0" : "")\($0)" }
            for name in names { _ = try await registry.acquire(name, "file", sha256, [("source", "a b&c")]) }
            var target = "/v1/models?limit=7&format=gguf&source=a%20b%26c"
            var seen: [[String]] = []
            while true {
                let answer = try await registry.get(target)
                expect(answer, 200)
                seen.append(answer.names)
                guard let link = answer[header: "link"] else { break }
                try #require(link.hasPrefix("<") && link.hasSuffix(">; rel=\"next\""))
                target = String(link.dropFirst().prefix { $0 != ">" })
                try #require(seen.count < 10)
            }
            #expect(seen.map(\.count) == [7, 7, 7, 4])
            #expect(seen.flatMap { $0 } == names)
        }
    }

    @Test("Without a limit there are a thousand and a Link to the rest")
    func thousand() async throws {
        try await withRegistry { registry in
            try await fill(registry, 1_003)
            let first = try await registry.get("/v1/models")
            #expect(first.names.count == 1_000)
            let link = try #require(first[header: "link"])
            let second = try await registry.get(String(link.dropFirst().prefix { $0 != ">" }))
            #expect(second.names.count == 3)
            #expect(second[header: "link"] == nil)
            #expect(Set(first.names + second.names).count == 1_003)
        }
    }

    @Test(
        "Parameters that make no sense are refused by name",
        arguments: [
            ("state=nonsense", "state"), ("limit=0", "limit"), ("limit=1001", "limit"), ("limit=-1", "limit"),
            ("limit=ten", "limit"), ("limit=99999999999999999999", "limit"), ("limit=5&limit=6", "limit"),
            ("state=trusted&state=revoked", "state"),
        ])
    func badParameters(query: String, field: String) async throws {
        try await withRegistry { registry in
            let answer = try await registry.get("/v1/models?\(query)")
            expect(answer, 400, "invalid_field")
            #expect(answer.detail["field"]?.asString == field)
        }
    }

    @Test("A page cannot begin after what is no name")
    func badAfter() async throws {
        try await withRegistry { registry in
            expect(try await registry.get("/v1/models?after=../x"), 400, "invalid_name")
        }
    }
}

/// Takes one file in under so many names.
func fill(_ registry: RunningRegistry, _ count: Int, _ more: [(String, JSONValue)] = []) async throws {
    let sha256 = try registry.home.write(ModelFiles.gguf(), as: "file")
    let requests = (0..<count).map { number in
        HTTPRequest.post(
            "/v1/model/acquire",
            .object(
                JSONObject(
                    [("name", .string("model-\(number)")), ("filename", "file"), ("sha256", .string(sha256))] + more)))
    }
    let answers = try await registry.sendAll(requests, over: 8)
    #expect(answers.allSatisfy { $0.status == 201 })
}

import Foundation
import ServerFixture
import StrictJSON
import Testing

@Suite("/v1/models/verify-all and /v1/integrity/status")
struct VerifyAllTests {
    @Test("Everything that keeps its bytes is checked, and the result is kept for the status")
    func everything() async throws {
        try await withRegistry { registry in
            #expect(try await registry.get("/v1/integrity/status").json == ["status": "unknown"])
            try await registry.takeIn("a", ModelFiles.gguf(1))
            try await registry.admit("b", ModelFiles.gguf(2))
            try await registry.takeIn("gone", ModelFiles.gguf(3))
            _ = try await registry.delete("/v1/model/gone")
            let answer = try await registry.post("/v1/models/verify-all")
            expect(answer, 200)
            #expect(answer.json["checked"]?.asUInt64 == 2)
            #expect(answer["status"] == "ok")
            #expect(answer.json["undecided"]?.asUInt64 == 0)
            #expect(answer.json["models_omitted"]?.asUInt64 == 0)
            #expect(answer["verified_at"]?.hasSuffix("Z") == true)
            let rows = answer.json["models"]?.asArray ?? []
            #expect(rows.compactMap { $0["name"]?.asString } == ["a", "b"])
            #expect(rows.allSatisfy { $0["status"]?.asString == "verified" })
            #expect(rows.compactMap { $0["safe_to_use"]?.asString } == ["false", "true"])
            #expect(try await registry.get("/v1/integrity/status").json == answer.json)
        }
    }

    @Test("An empty registry is in order")
    func empty() async throws {
        try await withRegistry { registry in
            let answer = try await registry.post("/v1/models/verify-all")
            expect(answer, 200)
            #expect(answer.json["checked"]?.asUInt64 == 0)
        }
    }

    @Test("Flipped bits and missing files are found, each by its artifact, and the others stay in service")
    func failures() async throws {
        try await withRegistry(leavesDamage: true) { registry in
            for number in 0..<8 { try await registry.admit("m\(number)", ModelFiles.gguf(number)) }
            try flipBit(of: registry.home.blobPath(sha256(ModelFiles.gguf(3))), at: 250)
            try FileManager.default.removeItem(atPath: registry.home.blobPath(sha256(ModelFiles.gguf(5))))
            let answer = try await registry.post("/v1/models/verify-all")
            expect(answer, 409)
            #expect(answer["status"] == "failed")
            #expect(answer.json["failures"]?.asUInt64 == 2)
            let failed = (answer.json["models"]?.asArray ?? []).filter { $0["status"]?.asString != "verified" }
            #expect(failed.compactMap { $0["name"]?.asString } == ["m3", "m5"])
            #expect(try await registry.get("/v1/models?state=quarantined").names == ["m3", "m5"])
            expect(try await registry.path(of: "m4"), 200)
            #expect(try await registry.get("/v1/integrity/status")["status"] == "failed")
            #expect(try await registry.metric("pratique_sweep_failures") == 2)
        }
    }

    @Test("Progress comes as server-sent events, one for each artifact and one at the end")
    func progress() async throws {
        try await withRegistry(leavesDamage: true) { registry in
            for number in 0..<5 { try await registry.takeIn("m\(number)", ModelFiles.gguf(number)) }
            try flipBit(of: registry.home.blobPath(sha256(ModelFiles.gguf(3))), at: 250)
            let answer = try await registry.send(
                HTTPRequest("POST", "/v1/models/verify-all", headers: [("Accept", "text/event-stream")]))
            expect(answer, 200)
            #expect(answer[header: "content-type"] == "text/event-stream")
            let events = serverSentEvents(answer.text)
            #expect(events.map(\.name) == ["model", "model", "model", "model", "model", "done"])
            let failed = events.filter { $0.data["status"]?.asString == "failed" && $0.name == "model" }
            #expect(failed.compactMap { $0.data["name"]?.asString } == ["m3"])
            #expect(events.last?.data["failures"]?.asUInt64 == 1)
            #expect(events.last?.data["checked"]?.asUInt64 == 5)
        }
    }

    @Test("The server sweeps by itself, and leaves the result where other programs look for it")
    func scheduled() async throws {
        try await withRegistry(["integrity_interval_seconds": "1"], leavesDamage: true) { registry in
            let sha256 = try await registry.admit("a", ModelFiles.gguf(1))
            try flipBit(of: registry.home.blobPath(sha256), at: 100)
            try await eventually { try await registry.state(of: "a") == "quarantined" }
            let path = registry.home.integrityResultPath
            try await eventually {
                let json = try StrictJSON.parse(
                    Array(FileManager.default.contents(atPath: path) ?? Data()), limits: .requestBody)
                return json["status"]?.asString == "failed" && json["failures"]?.asUInt64 == 1
                    && json["checked_at"]?.asString != nil && json["models"]?.asArray?.count == 1
            }
        }
    }

    @Test("A stop in the middle of a sweep leaves no result that says something failed")
    func stopped() async throws {
        let home = try RegistryHome(["integrity_interval_seconds": "1", "integrity_bytes_per_second": "100000"])
        try await withRegistry(home) { registry in
            for number in 0..<8 { try await registry.takeIn("m\(number)", ModelFiles.largeGGUF(number, megabytes: 1)) }
            // Another sweep is refused while the scheduled one runs, which this bandwidth makes a long one.
            try await eventually { try await registry.post("/v1/models/verify-all").status == 503 }
        }
        #expect(!FileManager.default.fileExists(atPath: home.integrityResultPath))
    }

    @Test("Who leaves in the middle of a sweep makes nobody believe that something failed")
    func left() async throws {
        try await withRegistry { registry in
            for number in 0..<40 { try await registry.takeIn("m\(number)", ModelFiles.largeGGUF(number, megabytes: 1)) }
            let address = registry.address
            let sockets = try registry.openSockets()
            try await OwnThread.run {
                let connection = try HTTPConnection(to: address)
                try connection.send(
                    HTTPRequest("POST", "/v1/models/verify-all", headers: [("Accept", "text/event-stream")]))
                #expect(try !connection.read(atMost: 1).isEmpty)
                connection.abort()
            }
            try await eventually { try registry.openSockets() <= sockets }
            // Nobody else's sweep: it may have ended before its client left, and then it is a whole one.
            #expect(["unknown", "ok"].contains(try await registry.get("/v1/integrity/status")["status"]))
        }
    }

    /// WHATWG HTML, 9.2.
    private func serverSentEvents(_ text: String) -> [(name: String, data: JSONValue)] {
        text.components(separatedBy: "\n\n").filter { !$0.isEmpty }.map { event in
            var name = ""
            var data = ""
            for line in event.split(separator: "\n") {
                if line.hasPrefix("event: ") { name = String(line.dropFirst(7)) }
                if line.hasPrefix("data: ") { data = String(line.dropFirst(6)) }
            }
            return (name, (try? StrictJSON.parse(Array(data.utf8), limits: .requestBody)) ?? .null)
        }
    }
}

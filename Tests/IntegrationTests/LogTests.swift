import Foundation
import ServerFixture
import StrictJSON
import Testing
import TransparencyLog

@Suite("/log")
struct LogTests {
    @Test("Every event that the API shows is in the signed tree, recomputed from what is served")
    func inclusion() async throws {
        try await withRegistry { registry in
            for number in 0..<90 { try await registry.takeIn("m\(number)", ModelFiles.gguf(number % 3)) }
            for number in 0..<60 { _ = try await registry.promote("m\(number)") }
            for number in 0..<5 { _ = try await registry.revoke("m\(number)", ["reason": "drill"]) }
            try await registry.signed()
            let log = try await ServedLog(of: registry)
            let events = try await registry.events()
            #expect(log.leaves.count == events.count)
            // More than one tile, so that there are levels.
            #expect(events.count > 256)
            for (number, event) in events.enumerated() {
                #expect(event["index"]?.asUInt64 == UInt64(number))
                let leaf = try #require(Data(base64Encoded: event["leaf"]?.asString ?? ""))
                #expect(Array(leaf) == log.leaves[number])
                #expect(try StrictJSON.parse(Array(leaf), limits: .requestBody) == event["event"])
            }
        }
    }

    @Test("A checkpoint that contains a change is there within a second of its answer")
    func soon() async throws {
        try await withRegistry { registry in
            var worst = Duration.zero
            for number in 0..<10 {
                try await registry.takeIn("m\(number)", ModelFiles.gguf(number))
                let start = ContinuousClock.now
                try await registry.signed()
                worst = max(worst, start.duration(to: .now))
            }
            // The promise is one second; the rest is for a busy machine.
            #expect(worst < .seconds(3), "\(worst)")
        }
    }

    @Test("Each checkpoint contains every earlier one, over restarts too")
    func consistency() async throws {
        let home = try RegistryHome()
        var memory = CheckpointMemory(remembered: nil)
        for round in 0..<4 {
            try await withRegistry(home) { registry in
                for step in 0..<3 {
                    try await registry.takeIn("m\(round)-\(step)", ModelFiles.gguf(round))
                    try await registry.signed()
                    let log = try await ServedLog(of: registry)
                    let decision = memory.judge(log.checkpoint, tiles: log.tiles)
                    #expect(decision.isAcceptable, "\(decision)")
                    memory = CheckpointMemory(remembered: log.checkpoint.checkpoint)
                }
            }
        }
        #expect(memory.remembered?.size ?? 0 >= 12)
    }

    @Test("An event says who did what to which bytes, why, and in which request")
    func events() async throws {
        try await withRegistry { registry in
            try await registry.takeIn("a", ModelFiles.gguf(1))
            let answer = try await registry.revoke("a", ["reason": "because"])
            let event = try #require(try await registry.events(of: "a").last?["event"])
            #expect(event["name"]?.asString == "a")
            #expect(event["event"]?.asString == "revoked")
            #expect(event["reason"]?.asString == "because")
            #expect(event["request"]?.asString == answer[header: "x-request-id"])
            #expect(event["actor"]?.asString?.isEmpty == false)
            #expect(event["time"]?.asString?.hasSuffix("Z") == true)
            #expect(event["version"]?.asString == (try await registry.get("/v1/model/a"))["digest"])
        }
    }

    @Test("Refusals are written down as well")
    func refusals() async throws {
        try await withRegistry { registry in
            try await registry.takeIn("a", ModelFiles.truncatedGGUF)
            _ = try await registry.promote("a")
            let event = try #require(try await registry.events(of: "a").last?["event"])
            #expect(event["event"]?.asString == "refused")
            #expect(event["codes"]?.asStrings.isEmpty == false)
        }
    }

    @Test("Histories come in pages that can be followed")
    func pages() async throws {
        try await withRegistry { registry in
            for number in 0..<7 { try await registry.takeIn("m\(number)", ModelFiles.gguf(number)) }
            var target = "/v1/audit?limit=3"
            var indexes: [UInt64] = []
            while true {
                let answer = try await registry.get(target)
                expect(answer, 200)
                indexes += (answer.json.asArray ?? []).compactMap { $0["index"]?.asUInt64 }
                guard let link = answer[header: "link"] else { break }
                target = String(link.dropFirst().prefix { $0 != ">" })
                try #require(indexes.count < 20)
            }
            #expect(indexes == Array(0..<8))
            #expect(try await registry.kinds().count == 7)
            for query in ["limit=0", "limit=1001", "from=-1", "from=x", "from=9223372036854775808"] {
                expect(try await registry.get("/v1/audit?\(query)"), 400, "invalid_field")
            }
            #expect(try await registry.get("/v1/audit?from=9223372036854775807").json == [])
            #expect(try await registry.get("/v1/stats").json["models"]?.asUInt64 == 7)
        }
    }

    @Test("Tiles that the log does not have yet, and paths that are none, are not found")
    func noTiles() async throws {
        try await withRegistry { registry in
            try await registry.takeIn("a", ModelFiles.gguf(1))
            let size = try await registry.events().count
            for path in [
                "tile/0/000", "tile/0/000.p/\(size + 1)", "tile/0/001.p/1", "tile/1/000.p/1", "tile/entries/000",
                "tile/63/000",
                "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/0", "tile/64/000", "tile/-1/000", "tile/0/x000/000",
                "tile/0/x999/x999/x999/x999/x999/x999/999", "tile/entries/../0/000.p/1", "tile/0/000.p/01",
                "tile/", "tile/0", "tile/0/000.p",
            ] {
                expect(try await registry.get("/log/\(path)"), 404)
            }
            let tile = try await registry.get("/log/tile/0/000.p/1")
            expect(tile, 200)
            #expect(tile.body.count == 32)
            #expect(tile[header: "cache-control"]?.contains("immutable") == true)
        }
    }

    @Test("Where reading takes a token, entries do as well")
    func entriesAreReads() async throws {
        try await withRegistry(["bind_addr": "0.0.0.0:0"]) { registry in
            try await registry.takeIn("secret-name", ModelFiles.gguf(1))
            let anonymous = try await registry.send(.get("/log/tile/entries/000.p/1"), authorized: false)
            expect(anonymous, 401, "unauthorized")
            #expect(!anonymous.text.contains("secret-name"))
            expect(try await registry.get("/log/tile/entries/000.p/1"), 200)
            expect(try await registry.send(.get("/log/tile/0/000.p/1"), authorized: false), 200)
            expect(try await registry.send(.get("/log/checkpoint"), authorized: false), 200)
        }
    }
}

extension RunningRegistry {
    /// Waits until the signed checkpoint contains everything that was answered.
    func signed() async throws {
        let size = try await events().count
        try await eventually {
            let lines = try await get("/log/checkpoint").text.split(separator: "\n")
            return lines.count > 1 && UInt64(lines[1]) == UInt64(size)
        }
    }
}

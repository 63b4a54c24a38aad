import ServerFixture
import StrictJSON
import Testing

@Suite("Bodies of requests")
struct BodyTests {
    @Test("A body beyond 1 MiB is refused when it is announced, without being received")
    func announced() async throws {
        try await withRegistry { registry in
            let address = registry.address
            let before = try registry.peakResidentBytes()
            for target in [
                "/v1/model/acquire", "/v1/model/promote", "/v1/model/revoke?name=a", "/v1/model/quarantine?name=a",
            ] {
                let answer = try await OwnThread.run {
                    let connection = try HTTPConnection(to: address)
                    try connection.send(
                        HTTPRequest("POST", target, headers: [("Content-Length", "536870912")]).authorizedForTest)
                    return try connection.receive()
                }
                expect(answer, 413, "body_too_large")
                #expect(answer.detail["limit"]?.asUInt64 == 1 << 20)
            }
            #expect(try registry.peakResidentBytes() - before < 8 << 20)
        }
    }

    @Test("A body that is no HTTP is refused and ends the connection", arguments: ["ZZ\r\n", "5\r\nabcdeXX"])
    func malformed(chunk: String) async throws {
        try await withRegistry { registry in
            let address = registry.address
            let answer = try await OwnThread.run {
                let connection = try HTTPConnection(to: address)
                try connection.send(
                    HTTPRequest("POST", "/v1/model/acquire", headers: [("Transfer-Encoding", "chunked")])
                        .authorizedForTest)
                try connection.send(Array(chunk.utf8))
                return try connection.receive()
            }
            #expect(answer.status == 400)
            #expect(answer[header: "connection"] == "close")
        }
    }

    @Test("A body without a length is refused after 1 MiB, and takes no more memory than that")
    func unannounced() async throws {
        try await withRegistry { registry in
            let address = registry.address
            let before = try registry.peakResidentBytes()
            let answer = try await OwnThread.run {
                let connection = try HTTPConnection(to: address)
                try connection.send(
                    HTTPRequest("POST", "/v1/model/acquire", headers: [("Transfer-Encoding", "chunked")])
                        .authorizedForTest)
                let chunk =
                    Array("10000\r\n".utf8) + [UInt8](repeating: UInt8(ascii: " "), count: 65_536) + Array("\r\n".utf8)
                // The server may close before it took everything; its answer is there all the same.
                for _ in 0..<1_024 { guard (try? connection.send(chunk)) != nil else { break } }
                return try connection.receive()
            }
            expect(answer, 413, "body_too_large")
            #expect(try registry.peakResidentBytes() - before < 16 << 20)
        }
    }

    @Test("Exactly 1 MiB is read")
    func exactly() async throws {
        try await withRegistry { registry in
            let head = Array(#"{"name":"a","filename":"f","sha256":""#.utf8)
            let tail = Array(#""}"#.utf8)
            for (extra, status) in [(0, 400), (1, 413)] {
                let padding = [UInt8](repeating: UInt8(ascii: " "), count: (1 << 20) - head.count - tail.count + extra)
                let answer = try await registry.send(
                    HTTPRequest("POST", "/v1/model/acquire", body: head + tail + padding))
                expect(answer, status)
            }
        }
    }

    @Test("Unknown, missing, repeated and mistyped fields are refused by name")
    func fields() async throws {
        try await withRegistry { registry in
            for (target, body, code, field) in [
                ("acquire", #"{"name":"a","filename":"f","sha256":"0","path":"x"}"#, "unknown_field", "path"),
                ("acquire", #"{"name":"a","filename":"f","Sha256":"0"}"#, "unknown_field", "Sha256"),
                ("acquire", #"{"filename":"f","sha256":"0"}"#, "missing_field", "name"),
                ("acquire", #"{"name":"a","sha256":"0"}"#, "missing_field", "filename"),
                ("acquire", #"{"name":1,"filename":"f"}"#, "invalid_field", "name"),
                ("acquire", #"{"name":"a","filename":"f","size_bytes":"1"}"#, "invalid_field", "size_bytes"),
                ("acquire", #"{"name":"a","filename":"f","size_bytes":-1}"#, "invalid_field", "size_bytes"),
                ("acquire", #"{"name":"a","filename":"f","size_bytes":1.5}"#, "invalid_field", "size_bytes"),
                (
                    "acquire", #"{"name":"a","filename":"f","size_bytes":18446744073709551616}"#, "invalid_field",
                    "size_bytes"
                ),
                ("promote", #"{"name":"a","state":"trusted"}"#, "unknown_field", "state"),
                ("promote", #"{"name":"a","dry_run":"true"}"#, "invalid_field", "dry_run"),
                ("promote", #"{"sha256":"0"}"#, "missing_field", "name"),
                ("revoke?name=a", #"{"reason":1}"#, "invalid_field", "reason"),
                ("revoke?name=a", #"{"digest":"true"}"#, "invalid_field", "digest"),
                ("revoke?name=a", #"{"names":["a"]}"#, "unknown_field", "names"),
                ("quarantine?name=a", #"{"why":"x"}"#, "unknown_field", "why"),
            ] {
                let answer = try await registry.send(
                    HTTPRequest("POST", "/v1/model/\(target)", body: Array(body.utf8)))
                expect(answer, 400, code)
                #expect(answer.detail["field"]?.asString == field, "\(body)")
            }
        }
    }

    @Test("What a change takes no parameter for is refused: it may have been meant to restrain it")
    func parameters() async throws {
        try await withRegistry { registry in
            for (target, body, field) in [
                ("/v1/model/promote?dry_run=true", #"{"name":"a"}"#, "dry_run"),
                ("/v1/collection?dryrun=true", "", "dryrun"), ("/v1/collection", #"{"dry_run":true}"#, "dry_run"),
                ("/v1/model/revoke?name=a&digest=true", "", "digest"),
                ("/v1/model/quarantine?name=a&dry_run=true", "", "dry_run"),
            ] {
                let answer = try await registry.send(HTTPRequest("POST", target, body: Array(body.utf8)))
                expect(answer, 400, "unknown_field")
                #expect(answer.detail["field"]?.asString == field, "\(target)")
            }
            // What a path does not have at all is said first.
            expect(try await registry.post("/v1/model/a/events?color=red"), 405, "method_not_allowed")
            let rehearsal = try await registry.post("/v1/collection?dry_run=true", [:])
            #expect(rehearsal.json["dry_run"]?.asBool == true)
            #expect(try await registry.get("/v1/models?color=red").status == 200)
        }
    }

    @Test("Names in a body are compared by their bytes after escapes: a repeated one is refused however it is written")
    func repeated() async throws {
        try await withRegistry { registry in
            for body in [
                #"{"name":"a","name":"b","filename":"f","sha256":"0"}"#,
                #"{"name":"a","n\u0061me":"b","filename":"f","sha256":"0"}"#,
                #"{"\u006eame":"a","filename":"f","name":"b"}"#,
            ] {
                for target in ["acquire", "promote"] {
                    let answer = try await registry.send(
                        HTTPRequest("POST", "/v1/model/\(target)", body: Array(body.utf8)))
                    expect(answer, 400, "invalid_json")
                    #expect(answer.detail["offset"]?.asUInt64 != nil)
                }
            }
        }
    }

    @Test("A body of another type is refused")
    func contentType() async throws {
        try await withRegistry { registry in
            for type in ["text/plain", "multipart/form-data", "text/xml", "application/x-yaml"] {
                let request = HTTPRequest(
                    "POST", "/v1/model/promote", headers: [("Content-Type", type)], body: Array(#"{"name":"a"}"#.utf8))
                expect(try await registry.send(request), 415, "unsupported_media_type")
            }
            for type in ["application/json", "application/json; charset=utf-8", "application/merge-patch+json"] {
                let request = HTTPRequest(
                    "POST", "/v1/model/promote", headers: [("Content-Type", type)], body: Array(#"{"name":"a"}"#.utf8))
                expect(try await registry.send(request), 404, "artifact_not_found")
            }
        }
    }
}

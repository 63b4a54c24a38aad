import Crypto
import Foundation
import ServerFixture
import StrictJSON
import Testing

@Suite("/v2/{name}/blobs/uploads/")
struct UploadsTests {
    @Test(
        "A blob of any size comes in whole, in one body after a session, as a stream, or in chunks",
        arguments: [0, 1, 65_535, 65_536, 65_537, 5 << 20])
    func ways(size: Int) async throws {
        try await withRegistry { registry in
            for (number, way) in PushWay.allCases.enumerated() {
                let bytes = Blob.bytes(size, seed: UInt8(number))
                let digest = "sha256:" + sha256(bytes)
                let answer = try await registry.push(bytes, as: digest, to: "team/\(way.rawValue)", way)
                expect(answer, 201)
                #expect(answer[header: "location"] == "/v2/team/\(way.rawValue)/blobs/\(digest)")
                #expect(answer[header: "docker-content-digest"] == digest)
                #expect(answer[header: "docker-distribution-api-version"] == "registry/2.0")
                #expect(try Blob.stored(digest, registry) == bytes, "\(way)")
                let head = try await registry.send(HTTPRequest("HEAD", "/v2/team/\(way.rawValue)/blobs/\(digest)"))
                expect(head, 200)
                #expect(head[header: "content-length"] == String(size))
            }
            #expect(try Blob.unfinished(registry) == [])
        }
    }

    @Test("A blob is kept under SHA-512, announced or not", arguments: [true, false])
    func longDigest(isAnnounced: Bool) async throws {
        try await withRegistry { registry in
            for (number, way) in PushWay.allCases.enumerated() {
                let bytes = Blob.bytes(300_000, seed: UInt8(number))
                let digest = "sha512:" + hexadecimal(SHA512.hash(data: bytes))
                let query = isAnnounced ? "digest-algorithm=sha512" : ""
                let answer = try await registry.push(bytes, as: digest, to: "a", way, beginning: query)
                expect(answer, 201)
                #expect(answer[header: "docker-content-digest"] == digest)
                #expect(try Blob.stored(digest, registry) == bytes, "\(way)")
                expect(try await registry.send(HTTPRequest("HEAD", "/v2/a/blobs/\(digest)")), 200)
                expect(try await registry.send(HTTPRequest("HEAD", "/v2/a/blobs/sha256:\(sha256(bytes))")), 404)
            }
            expect(try await registry.post("/v2/a/blobs/uploads/?digest-algorithm=md5"), 400)
            let wrong = [
                "sha512:abc", "md5:d41d8cd98f00b204e9800998ecf8427e", "", "sha256:\(String(repeating: "A", count: 64))",
            ]
            for digest in wrong {
                let answer = try await registry.post("/v2/a/blobs/uploads/?digest=\(digest)")
                expectDistribution(answer, 400, "DIGEST_INVALID")
            }
        }
    }

    @Test("A session says where it is, where it stands, and that it is over")
    func session() async throws {
        try await withRegistry { registry in
            for path in ["/v2/team/a/blobs/uploads/", "/v2/team/a/blobs/uploads"] {
                let begun = try await registry.post(path)
                expect(begun, 202)
                let location = try #require(begun[header: "location"])
                #expect(location.hasPrefix("/v2/team/a/blobs/uploads/"))
                #expect(begun[header: "range"] == "0-0")
                #expect(location.hasSuffix(try #require(begun[header: "docker-upload-uuid"])))
                #expect(begun[header: "oci-chunk-min-length"].flatMap { Int($0) } != nil)
                let empty = try await registry.get(location)
                expect(empty, 204)
                #expect(empty[header: "range"] == "0-0")
                let first = try await registry.send(.patch(location, Blob.bytes(1_000)))
                expect(first, 202)
                for answer in [first, try await registry.get(location)] {
                    #expect(answer[header: "location"] == location)
                    #expect(answer[header: "range"] == "0-999")
                }
                expect(try await registry.delete(location), 204)
                for request in Blob.uses(of: location) {
                    expectDistribution(try await registry.send(request), 404, "BLOB_UPLOAD_UNKNOWN")
                }
            }
            #expect(try Blob.unfinished(registry) == [])
        }
    }

    @Test("A chunk that does not go where the upload stands is refused with the place where it goes on")
    func outOfOrder() async throws {
        try await withRegistry { registry in
            let bytes = Blob.bytes(3_000)
            let digest = "sha256:" + sha256(bytes)
            let location = try await registry.begin("a")
            expect(try await registry.send(.patch(location, Array(bytes[..<1_000]), ("Content-Range", "0-999"))), 202)
            for (first, last) in [(0, 999), (2_000, 2_999), (999, 1_999), (1_001, 2_000)] {
                let part = Array(bytes[first...last])
                let range = ("Content-Range", "\(first)-\(last)")
                let end = "\(location)?digest=\(digest)"
                for request in [.patch(location, part, range), HTTPRequest.put(end, part, range)] {
                    let answer = try await registry.send(request)
                    expectDistribution(answer, 416, "BLOB_UPLOAD_INVALID")
                    #expect(answer[header: "location"] == location)
                    #expect(answer[header: "range"] == "0-999")
                }
            }
            for (field, status) in [
                ("1000", 400), ("a-b", 400), ("-1000-1999", 400), ("1999-1000", 400), ("+1000-1999", 400),
                ("bytes 1000-1999/*", 400), ("1000-99999999999999999999", 400), ("1000-1998", 400), ("", 400),
                ("1000-18446744073709551615", 400),
                // A part, for which it is too late.
                ("bytes 1000-1999/3000", 416),
            ] {
                let answer = try await registry.send(
                    .patch(location, Array(bytes[1_000..<2_000]), ("Content-Range", field)))
                #expect(answer.status == status, "\(field) \(answer)")
            }
            #expect(try await registry.get(location)[header: "range"] == "0-999")
            let next = HTTPRequest.patch(location, Array(bytes[1_000..<2_000]), ("Content-Range", "1000-1999"))
            expect(try await registry.send(next), 202)
            let end = try await registry.send(
                .put("\(location)?digest=\(digest)", Array(bytes[2_000...]), ("Content-Range", "2000-2999")))
            expect(end, 201)
            #expect(try Blob.stored(digest, registry) == bytes)
        }
    }

    @Test("A chunk that is longer or shorter than it says ends where it says, or where it ended")
    func otherLength() async throws {
        try await withRegistry { registry in
            let location = try await registry.begin("a")
            let address = registry.address
            func send(_ range: String, _ count: Int) async throws -> HTTPResponse {
                try await OwnThread.run {
                    let connection = try HTTPConnection(to: address)
                    try connection.send(
                        HTTPRequest(
                            "PATCH", location,
                            headers: [("Transfer-Encoding", "chunked"), ("Content-Range", range)]
                        ).authorizedForTest)
                    try connection.send(Blob.chunk(Blob.bytes(count)) + Blob.lastChunk)
                    return try connection.receive()
                }
            }
            expectDistribution(try await send("0-99", 101), 400, "SIZE_INVALID")
            #expect(try await registry.get(location)[header: "range"] == "0-99")
            expectDistribution(try await send("100-199", 50), 400, "SIZE_INVALID")
            #expect(try await registry.get(location)[header: "range"] == "0-149")
            expect(try await send("150-199", 50), 202)
        }
    }

    @Test("Bytes that hash to something else are refused, and the session is over", arguments: [10, 200_000])
    func wrongDigest(size: Int) async throws {
        try await withRegistry { registry in
            let bytes = Blob.bytes(size)
            for wrong in ["sha256:" + sha256([1]), "sha512:" + hexadecimal(SHA512.hash(data: [1]))] {
                for way in PushWay.allCases {
                    expectDistribution(
                        try await registry.push(bytes, as: wrong, to: "a", way), 400, "DIGEST_INVALID")
                    expect(try await registry.send(HTTPRequest("HEAD", "/v2/a/blobs/\(wrong)")), 404)
                }
            }
            #expect(try Blob.unfinished(registry) == [])
            #expect(!FileManager.default.fileExists(atPath: registry.home.blobPath(sha256(bytes))))
        }
    }

    @Test("A session is known in its own repository alone, and a name that is not ours nowhere")
    func strangers() async throws {
        try await withRegistry { registry in
            let location = try await registry.begin("team/a")
            let session = try #require(location.split(separator: "/").last)
            let names = [
                String(session.dropLast()), "\(session)0", session.uppercased() + "A", "..", "%2e%2e", "x", "%00",
                "0f8fad5b-d9cb-469f-a165-70867728950e", "..%2F..%2Fkeys%2Flog-signer", "%ff",
            ]
            for target in ["/v2/team/b/blobs/uploads/\(session)"] + names.map({ "/v2/team/a/blobs/uploads/\($0)" }) {
                for request in Blob.uses(of: target) {
                    let answer = try await registry.send(request)
                    #expect(answer.status == 404, "\(request.method) \(target) \(answer)")
                }
            }
            expect(try await registry.get(location), 204)
            for (method, target, allow) in [
                ("GET", "/v2/a/blobs/uploads/", "POST"), ("PUT", "/v2/a/blobs/uploads/", "POST"),
                ("POST", location, "GET, PATCH, PUT, DELETE"),
            ] {
                let answer = try await registry.send(HTTPRequest(method, target))
                expect(answer, 405)
                #expect(answer[header: "allow"] == allow)
            }
            expectDistribution(try await registry.send(.put(location, [1])), 400, "DIGEST_INVALID")
            expectDistribution(try await registry.post("/v2/Team/a/blobs/uploads/"), 400, "NAME_INVALID")
        }
    }

    @Test("Nobody uploads without the token, and a refusal leaves the session alone")
    func access() async throws {
        try await withRegistry { registry in
            let bytes = Blob.bytes(100_000)
            let digest = "sha256:" + sha256(bytes)
            let location = try await registry.begin("a")
            expect(try await registry.send(.patch(location, bytes)), 202)
            let requests: [HTTPRequest] = [
                .post("/v2/a/blobs/uploads/"), .patch(location, [1]), .put("\(location)?digest=\(digest)", []),
                .delete(location),
            ]
            for request in requests {
                expectDistribution(try await registry.send(request, authorized: false), 401, "UNAUTHORIZED")
            }
            expect(try await registry.send(.put("\(location)?digest=\(digest)&etag=1", [])), 201)
        }
    }
}

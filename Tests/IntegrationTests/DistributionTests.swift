import Foundation
import ServerFixture
import StrictJSON
import Testing

@Suite("/v2")
struct DistributionTests {
    private static let basic = Data("anybody:\(RegistryHome.token)".utf8).base64EncodedString()

    @Test("A trusted artifact is pulled by tag and by digest, with the headers that clients look for")
    func pull() async throws {
        try await withRegistry { registry in
            let bytes = ModelFiles.gguf(1)
            let sha256 = try await registry.admit("org/tiny", bytes)
            let byTag = try await registry.get("/v2/org/tiny/manifests/latest")
            expect(byTag, 200)
            let digest = try #require(byTag[header: "docker-content-digest"])
            #expect("sha256:" + ServerFixture.sha256(byTag.body) == digest)
            #expect(byTag[header: "content-type"] == "application/vnd.oci.image.manifest.v1+json")
            #expect(byTag[header: "docker-distribution-api-version"] == "registry/2.0")
            #expect(byTag[header: "cache-control"] == "private, no-cache")
            let escaped = digest.replacing(":", with: "%3A")
            for path in ["org/tiny/manifests/\(digest)", "org%2Ftiny/manifests/\(escaped)"] {
                #expect(try await registry.get("/v2/" + path).body == byTag.body)
            }
            let layer = byTag.json["layers"]?.asArray?.first
            #expect(layer?["digest"]?.asString == "sha256:" + sha256)
            let blob = try await registry.get("/v2/org/tiny/blobs/sha256:\(sha256)")
            expect(blob, 200)
            #expect(blob.body == bytes)
            #expect(blob[header: "accept-ranges"] == "bytes")
            let config = try #require(byTag.json["config"]?["digest"]?.asString)
            let document = try await registry.get("/v2/org/tiny/blobs/\(config)")
            #expect("sha256:" + ServerFixture.sha256(document.body) == config)
        }
    }

    @Test("A head says what a get would say, and how long it would be")
    func head() async throws {
        try await withRegistry { registry in
            let sha256 = try await registry.admit("a", ModelFiles.largeGGUF(1, megabytes: 1))
            for target in ["/v2/a/manifests/latest", "/v2/a/blobs/sha256:\(sha256)", "/v2/a/tags/list", "/v2/"] {
                let get = try await registry.get(target)
                let head = try await registry.send(HTTPRequest("HEAD", target))
                #expect(head.status == get.status)
                #expect(head.body.isEmpty)
                for name in ["content-length", "content-type", "etag", "docker-content-digest"] {
                    #expect(head[header: name] == get[header: name], "\(target) \(name)")
                }
            }
        }
    }

    @Test("A large file comes whole, in parts, and on one connection with other answers before and after")
    func largeFile() async throws {
        try await withRegistry { registry in
            let bytes = ModelFiles.largeGGUF(1, megabytes: 20)
            let target = "/v2/a/blobs/sha256:" + (try await registry.admit("a", bytes))
            let address = registry.address
            try await OwnThread.run {
                let connection = try HTTPConnection(to: address)
                for range in [0..<bytes.count, 1..<(17 << 20), 5..<6, 100_000..<200_000, bytes.count - 9..<bytes.count]
                {
                    let part = try connection.exchange(
                        .get(target, ("Range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)")))
                    expect(part, 206)
                    #expect(
                        part[header: "content-range"]
                            == "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(bytes.count)")
                    #expect(part.body == Array(bytes[range]))
                    expect(try connection.exchange(.get("/livez")), 200)
                }
                // Three requests at once: their answers follow each other.
                for _ in 0..<2 { try connection.send(.get(target)) }
                try connection.send(.get("/livez"))
                #expect(try connection.receive().body == bytes)
                #expect(try connection.receive().body == bytes)
                expect(try connection.receive(), 200)
            }
            let beyond = try await registry.get(target, ("Range", "bytes=\(bytes.count)-"))
            #expect(beyond.status == 416)
            #expect(beyond[header: "content-range"] == "bytes */\(bytes.count)")
        }
    }

    @Test("What a client has already is not sent again")
    func conditional() async throws {
        try await withRegistry { registry in
            let sha256 = try await registry.admit("a", ModelFiles.gguf(1))
            for target in ["/v2/a/manifests/latest", "/v2/a/blobs/sha256:\(sha256)"] {
                let tag = try #require(try await registry.get(target)[header: "etag"])
                let again = try await registry.get(target, ("If-None-Match", tag))
                #expect(again.status == 304)
                #expect(again.body.isEmpty)
                expect(try await registry.get(target, ("If-None-Match", "\"other\"")), 200)
                #expect(
                    try await registry.get(target, ("Range", "bytes=0-0"), ("If-Range", "\"other\"")).status == 200)
                #expect(try await registry.get(target, ("Range", "bytes=0-0"), ("If-Range", tag)).status == 206)
            }
            _ = try await registry.revoke("a")
            let tag = "\"sha256:\(sha256)\""
            #expect(try await registry.get("/v2/a/blobs/sha256:\(sha256)", ("If-None-Match", tag)).status == 403)
        }
    }

    @Test("Nothing leaves that is not trusted, and the answer says where it stands")
    func gate() async throws {
        try await withRegistry { registry in
            let sha256 = try await registry.takeIn("a", ModelFiles.gguf(1))
            let targets = ["/v2/a/manifests/latest", "/v2/a/blobs/sha256:\(sha256)"]
            for state in ["acquired", "revoked"] {
                if state == "revoked" {
                    expect(try await registry.promote("a"), 201)
                    for target in targets { expect(try await registry.get(target), 200) }
                    _ = try await registry.revoke("a")
                }
                for target in targets {
                    let answer = try await registry.get(target)
                    #expect(answer.status == 403)
                    let error = answer.json["errors"]?.asArray?.first
                    #expect(error?["code"]?.asString == "DENIED")
                    #expect(error?["message"]?.asString?.contains(state) == true)
                    #expect(error?["detail"]?["code"]?.asString == "not_trusted")
                    #expect(error?["detail"]?["state"]?.asString == state)
                }
                #expect(try await registry.get("/v2/a/tags/list").json["tags"]?.asArray?.count == 1)
            }
        }
    }

    @Test("A download that is under way when trust ends is cut off")
    func cutOff() async throws {
        try await withRegistry { registry in
            let bytes = ModelFiles.largeGGUF(1, megabytes: 96)
            let target = "/v2/a/blobs/sha256:" + (try await registry.admit("a", bytes))
            let address = registry.address
            let connection = try await OwnThread.run {
                let connection = try HTTPConnection(to: address, receiveBytes: 64 << 10)
                try connection.send(.get(target))
                #expect(try !connection.read(atMost: 1_000).isEmpty)
                return connection
            }
            expect(try await registry.revoke("a"), 200)
            let rest = try await OwnThread.run { try connection.readToEnd() }
            // What was handed to the kernel before goes on its way: two windows and the buffers of the socket.
            #expect(rest.count < 64 << 20)
        }
    }

    @Test("A client that takes nothing of a large file is cut off, and nobody else waits for it")
    func stalled() async throws {
        try await withRegistry(["stalled_client_seconds": "2", "idle_connection_seconds": "300"]) { registry in
            let target = "/v2/a/blobs/sha256:" + (try await registry.admit("a", ModelFiles.largeGGUF(1, megabytes: 64)))
            let sockets = try registry.openSockets()
            let address = registry.address
            let slow = try await OwnThread.run {
                try (0..<16).map { _ in
                    let connection = try HTTPConnection(to: address, receiveBytes: 4_096)
                    try connection.send(.get(target))
                    return connection
                }
            }
            for _ in 0..<20 { expect(try await registry.get("/livez"), 200) }
            try await eventually { try registry.openSockets() <= sockets }
            _ = slow.count
            expect(try await registry.get(target, ("Range", "bytes=0-99999")), 206)
        }
    }

    @Test("What cannot be answered has a code of the specification, and ours beside it")
    func errors() async throws {
        try await withRegistry { registry in
            let sha256 = try await registry.admit("a", ModelFiles.gguf(1))
            let missing = "sha256:" + String(repeating: "0", count: 64)
            for (target, status, code, own) in [
                ("/v2/nobody/manifests/latest", 404, "NAME_UNKNOWN", "artifact_not_found"),
                ("/v2/nobody/tags/list", 404, "NAME_UNKNOWN", "artifact_not_found"),
                ("/v2/a/manifests/v1", 404, "MANIFEST_UNKNOWN", "manifest_not_found"),
                ("/v2/a/manifests/.bad", 404, "MANIFEST_UNKNOWN", "manifest_not_found"),
                ("/v2/a/manifests/\(missing)", 404, "MANIFEST_UNKNOWN", "manifest_not_found"),
                ("/v2/a/manifests/sha256:\(sha256)", 404, "MANIFEST_UNKNOWN", "manifest_not_found"),
                ("/v2/a/blobs/\(missing)", 404, "BLOB_UNKNOWN", "blob_not_found"),
                ("/v2/a/blobs/sha256:..", 400, "DIGEST_INVALID", "invalid_digest"),
                ("/v2/a/blobs/..%2F..%2Fetc%2Fpasswd", 400, "DIGEST_INVALID", "invalid_digest"),
                ("/v2/a/referrers/x", 400, "DIGEST_INVALID", "invalid_digest"),
                ("/v2/A/manifests/latest", 400, "NAME_INVALID", "invalid_name"),
                ("/v2/a/../b/manifests/latest", 400, "NAME_INVALID", "invalid_name"),
                ("/v2/a/unknown", 404, "UNSUPPORTED", "route_not_found"),
                ("/v2/a/tags/list?n=x", 400, "UNSUPPORTED", "invalid_field"),
                ("/v2/_catalog?n=-1", 400, "UNSUPPORTED", "invalid_field"),
            ] {
                let answer = try await registry.get(target)
                #expect(answer.status == status, "\(target): \(answer)")
                let error = answer.json["errors"]?.asArray?.first
                #expect(error?["code"]?.asString == code, "\(target): \(answer)")
                #expect(error?["detail"]?["code"]?.asString == own, "\(target): \(answer)")
                #expect(answer[header: "docker-distribution-api-version"] == "registry/2.0")
            }
            let put = try await registry.send(.put("/v2/a/tags/list", Array("{}".utf8)))
            #expect(put.status == 405)
            #expect(put[header: "allow"] == "GET, HEAD")
        }
    }

    @Test("Lists are paged, and go on after a name that is not there")
    func lists() async throws {
        try await withRegistry { registry in
            for (index, name) in ["a", "b/c", "d", "Upper"].enumerated() {
                try await registry.takeIn(name, ModelFiles.gguf(index))
            }
            let all = try await registry.get("/v2/_catalog")
            #expect(all.json["repositories"]?.asArray?.compactMap(\.asString) == ["a", "b/c", "d"])
            #expect(all[header: "link"] == nil)
            var names: [String] = []
            var target: String? = "/v2/_catalog?n=1"
            while let next = target, names.count < 9 {
                let page = try await registry.get(next)
                names += page.json["repositories"]?.asArray?.compactMap(\.asString) ?? []
                target = page[header: "link"].flatMap { $0.split(separator: ">").first }.map { String($0.dropFirst()) }
            }
            #expect(names == ["a", "b/c", "d"])
            let after = try await registry.get("/v2/_catalog?last=b")
            #expect(after.json["repositories"]?.asArray?.compactMap(\.asString) == ["b/c", "d"])
            let none = try await registry.get("/v2/_catalog?n=0")
            #expect(none.json["repositories"]?.asArray?.isEmpty == true)
            for (query, tags) in [("", 1), ("?n=0", 0), ("?last=latest", 0), ("?last=a", 1), ("?n=99999999999", 1)] {
                let answer = try await registry.get("/v2/a/tags/list" + query)
                #expect(answer.json["name"]?.asString == "a")
                #expect(answer.json["tags"]?.asArray?.count == tags, "\(query)")
            }
            let referrers = try await registry.get(
                "/v2/a/referrers/sha256:\(String(repeating: "0", count: 64))?artifactType=a%2Fb")
            expect(referrers, 200)
            #expect(referrers[header: "content-type"] == "application/vnd.oci.image.index.v1+json")
            #expect(referrers[header: "oci-filters-applied"] == "artifactType")
            #expect(referrers.json["manifests"]?.asArray?.isEmpty == true)
        }
    }

    @Test("Where reading takes a token, any user has it as the password; the model API knows no passwords")
    func credentials() async throws {
        let settings = ["bind_addr": "0.0.0.0:0", "token_failures_max": "0"]
        try await withRegistry(settings) { registry in
            try await registry.admit("a", ModelFiles.gguf(1))
            let targets = ["/v2/", "/v2", "/v2/_catalog", "/v2/a/manifests/latest", "/v2/a/tags/list"]
            for target in targets {
                let refused = try await registry.send(.get(target), authorized: false)
                #expect(refused.status == 401)
                let challenge = try #require(refused[header: "www-authenticate"])
                let host = registry.address.authority
                #expect(challenge.hasPrefix("Bearer realm=\"http://\(host)/token\",service=\"\(host)\""))
                #expect(refused.json["errors"]?.asArray?.first?["code"]?.asString == "UNAUTHORIZED")
                for credential in ["Basic \(Self.basic)", "basic \(Self.basic)", "Bearer \(RegistryHome.token)"] {
                    let answer = try await registry.send(.get(target, ("Authorization", credential)), authorized: false)
                    expect(answer, 200)
                }
                let wrong = Data("anybody:\(RegistryHome.token)x".utf8).base64EncodedString()
                let noColon = Data(RegistryHome.token.utf8).base64EncodedString()
                for credential in ["Basic \(wrong)", "Basic \(noColon)", "Basic !", "Basic", "Digest \(Self.basic)"] {
                    let answer = try await registry.send(.get(target, ("Authorization", credential)), authorized: false)
                    #expect(answer.status == 401, "\(credential)")
                }
            }
            let model = try await registry.send(
                .get("/v1/models", ("Authorization", "Basic \(Self.basic)")), authorized: false)
            expect(model, 401, "unauthorized")
        }
    }

    @Test("A file that was written to is not pulled")
    func tampered() async throws {
        try await withRegistry(leavesDamage: true) { registry in
            let sha256 = try await registry.admit("a", ModelFiles.gguf(1))
            try flipBit(of: registry.home.blobPath(sha256), at: 200)
            let answer = try await registry.get("/v2/a/blobs/sha256:\(sha256)")
            #expect(answer.status == 409)
            #expect(answer.json["errors"]?.asArray?.first?["code"]?.asString == "DENIED")
            #expect(try await registry.get("/v2/a/blobs/sha256:\(sha256)").status == 403)
            #expect(try await registry.state(of: "a") == "quarantined")
        }
    }
}

import Foundation
import ServerFixture
import StrictJSON
import Testing

/// Every endpoint, for every kind of principal, in repositories that are its own and in those that are not.
@Suite("Rights")
struct AccessMatrixTests {
    private static let rights = ["pull", "push", "delete", "review"]
    private static let digest = "sha256:" + String(repeating: "0", count: 64)
    private static let session = "0f8fad5b-d9cb-469f-a165-70867728950e"

    /// Somebody who sends a header.
    private struct Kind {
        var name: String
        var authorization: String?
        /// What it may do beneath `own`, and elsewhere.
        var own: Set<String> = []
        var elsewhere: Set<String> = []
        /// A better token or credential would help it.
        var isAskedAgain = false
        var isService = false
        var isKnown = true
    }

    private struct Endpoint {
        var method: String
        var path: String
        /// One of these is enough.
        var rights: Set<String>
        var body: [UInt8]?
    }

    private static let endpoints = [
        Endpoint(method: "GET", path: "manifests/latest", rights: ["pull"]),
        Endpoint(method: "HEAD", path: "manifests/latest", rights: ["pull", "push"]),
        Endpoint(method: "GET", path: "manifests/\(digest)", rights: ["pull"]),
        Endpoint(method: "GET", path: "blobs/\(digest)", rights: ["pull"]),
        Endpoint(method: "HEAD", path: "blobs/\(digest)", rights: ["pull", "push"]),
        Endpoint(method: "GET", path: "tags/list", rights: ["pull"]),
        Endpoint(method: "GET", path: "referrers/\(digest)", rights: ["pull"]),
        Endpoint(method: "GET", path: "_pratique/vsa/\(digest)", rights: ["pull"]),
        // What is asked for is nothing that could be: nobody changes anything here.
        Endpoint(method: "PUT", path: "manifests/latest", rights: ["push"], body: Array("{}".utf8)),
        Endpoint(method: "PUT", path: "manifests/\(digest)", rights: ["push"], body: Array("{}".utf8)),
        Endpoint(method: "POST", path: "blobs/uploads/?digest=none", rights: ["push"], body: [1]),
        Endpoint(method: "PATCH", path: "blobs/uploads/absent", rights: ["push"], body: [1]),
        Endpoint(method: "PUT", path: "blobs/uploads/absent?digest=\(digest)", rights: ["push"], body: [1]),
        Endpoint(method: "GET", path: "blobs/uploads/absent", rights: ["push"]),
        Endpoint(method: "DELETE", path: "blobs/uploads/absent", rights: ["push"]),
        Endpoint(method: "DELETE", path: "manifests/absent", rights: ["delete"]),
        Endpoint(method: "DELETE", path: "manifests/\(digest)", rights: ["delete"]),
        Endpoint(method: "DELETE", path: "blobs/\(digest)", rights: ["delete"]),
        Endpoint(method: "POST", path: "blobs/uploads/?digest=sha256:1", rights: ["push"]),
        Endpoint(method: "GET", path: "blobs/uploads/\(session)", rights: ["push"]),
        Endpoint(method: "PATCH", path: "blobs/uploads/\(session)", rights: ["push"], body: [1]),
        Endpoint(method: "PUT", path: "blobs/uploads/\(session)?digest=\(digest)", rights: ["push"], body: [1]),
        Endpoint(method: "DELETE", path: "blobs/uploads/\(session)", rights: ["push"]),
    ]

    /// Repositories beneath `own` and elsewhere, that are there and that are not.
    private static let repositories = ["own/here", "own/deep/er/absent", "own", "foreign/here", "foreign/absent"]

    private static func entries() -> [CredentialFile.Entry] {
        rights.map { CredentialFile.Entry($0, [$0], on: ["own/*"]) } + [
            CredentialFile.Entry("all", rights, on: ["own/*"]),
            CredentialFile.Entry("reader", ["pull", "review"], on: ["own/*"]),
            CredentialFile.Entry("one", ["pull"], on: ["own/here"]),
            CredentialFile.Entry("everywhere", rights, on: ["**"]),
            CredentialFile.Entry("past", rights, on: ["**"], expires: "2020-01-01T00:00:00Z"),
        ]
    }

    /// Asks `/token` as a client does.
    private static func issued(
        _ registry: RunningRegistry, _ scopes: [String], by secret: String?
    ) async throws -> String {
        let query = scopes.map { "scope=" + $0.replacing(":", with: "%3A").replacing("/", with: "%2F") }
        var request = HTTPRequest.get("/token?" + query.joined(separator: "&"))
        if let secret { request.headers.append(("Authorization", basic(secret))) }
        let answer = try await registry.send(request, authorized: false)
        expect(answer, 200)
        return "Bearer " + (try #require(answer["token"]))
    }

    private static func basic(_ secret: String) -> String {
        "Basic " + Data("x:\(secret)".utf8).base64EncodedString()
    }

    private static func kinds(_ registry: RunningRegistry, readsAreOpen: Bool) async throws -> [Kind] {
        let anonymous: Set<String> = readsAreOpen ? ["pull"] : []
        let service = RegistryHome.token
        let (serviceRights, all) = (Set(["pull", "push", "delete"]), Set(rights))
        let here = ["repository:own/here:pull,push,delete", "repository:foreign/here:pull,push,delete"]
        var kinds = [
            Kind(name: "nobody", own: anonymous, elsewhere: anonymous, isAskedAgain: true),
            Kind(name: "wrong", authorization: "Bearer \(service)x", isAskedAgain: true, isKnown: false),
            Kind(
                name: "service", authorization: "Bearer \(service)", own: serviceRights, elsewhere: serviceRights,
                isService: true),
            Kind(
                name: "service as a password", authorization: basic(service), own: serviceRights,
                elsewhere: serviceRights),
            Kind(
                name: "past", authorization: "Bearer \(CredentialFile.token(of: "past"))", isAskedAgain: true,
                isKnown: false),
            Kind(
                name: "everywhere", authorization: "Bearer \(CredentialFile.token(of: "everywhere"))", own: all,
                elsewhere: all),
            Kind(
                name: "issued to everywhere",
                authorization: try await issued(
                    registry, here, by: CredentialFile.token(of: "everywhere")),
                own: all, elsewhere: all, isAskedAgain: true),
            Kind(
                name: "issued for nothing",
                authorization: try await issued(registry, [], by: CredentialFile.token(of: "everywhere")),
                isAskedAgain: true),
        ]
        for entry in entries().prefix(6) {
            let token = CredentialFile.token(of: entry.name)
            kinds.append(Kind(name: entry.name, authorization: "Bearer \(token)", own: Set(entry.rights)))
            kinds.append(Kind(name: "\(entry.name) as a password", authorization: basic(token), own: Set(entry.rights)))
        }
        if readsAreOpen {
            kinds.append(
                Kind(
                    name: "issued to nobody", authorization: try await issued(registry, here, by: nil), own: ["pull"],
                    elsewhere: ["pull"], isAskedAgain: true))
        }
        return kinds
    }

    /// What a token for `…/here` alone does not cover.
    private static func isCovered(_ kind: Kind, _ repository: String) -> Bool {
        !kind.name.hasPrefix("issued to") || repository.hasSuffix("/here")
    }

    @Test(
        "Beneath /v2 each may do what its rights say on its repositories, and nothing else", arguments: [true, false])
    func distribution(readsAreOpen: Bool) async throws {
        var home = try RegistryHome([
            "token_failures_max": "0", "bind_addr": readsAreOpen ? "127.0.0.1:0" : "0.0.0.0:0",
        ])
        home.settings["credentials_path"] = try CredentialFile(in: home, Self.entries()).path
        try await withRegistry(home) { registry in
            for name in ["own/here", "foreign/here"] { try await registry.takeIn(name, ModelFiles.gguf(1)) }
            for kind in try await Self.kinds(registry, readsAreOpen: readsAreOpen) {
                var requests: [HTTPRequest] = []
                var cells: [(endpoint: Endpoint, repository: String)] = []
                for endpoint in Self.endpoints {
                    for repository in Self.repositories {
                        var request = HTTPRequest(
                            endpoint.method, "/v2/\(repository)/\(endpoint.path)", body: endpoint.body)
                        if let authorization = kind.authorization {
                            request.headers.append(("Authorization", authorization))
                        }
                        requests.append(request)
                        cells.append((endpoint, repository))
                    }
                }
                let answers = try await registry.sendAll(requests, over: 2, authorized: false)
                for (cell, answer) in zip(cells, answers) {
                    let held = cell.repository.hasPrefix("own/") ? kind.own : kind.elsewhere
                    let mayDo = !held.isDisjoint(with: cell.endpoint.rights) && Self.isCovered(kind, cell.repository)
                    let what =
                        "\(kind.name): \(cell.endpoint.method) \(cell.repository)/\(cell.endpoint.path): \(answer)"
                    let isRefused = answer.status == 401 || Self.code(answer) == "access_denied"
                    if mayDo {
                        #expect(!isRefused, "\(what)")
                    } else {
                        if !kind.isAskedAgain, cell.endpoint.method != "HEAD" {
                            #expect(Self.code(answer) == "access_denied", "\(what)")
                        }
                        #expect(answer.status == (kind.isAskedAgain ? 401 : 403), "\(what)")
                        #expect(
                            answer[header: "www-authenticate"]?.hasPrefix("Bearer ") == (kind.isAskedAgain ? true : nil)
                        )
                    }
                }
            }
        }
    }

    private static func code(_ answer: HTTPResponse) -> String? {
        answer.json["errors"]?.asArray?.first?["detail"]?["code"]?.asString
    }

    @Test("No credential and no issued token opens the model API further than it is open to anybody")
    func modelAPI() async throws {
        let mutations: [HTTPRequest] = [
            .post("/v1/model/acquire", ["name": "a", "filename": "f", "sha256": "0"]),
            .post("/v1/model/quarantine?name=own/here"), .post("/v1/model/promote", ["name": "own/here"]),
            .post("/v1/promote", ["name": "own/here"]), .post("/v1/model/revoke?name=own/here"),
            .delete("/v1/model/delete?name=own/here"), .delete("/v1/model/own/here"),
            .delete("/v1/model/own%2Fhere/content?filename=f&sha256=0"),
            .put("/v1/model/own%2Fhere/content?filename=f&sha256=0", [1]),
        ]
        let reads: [HTTPRequest] = [
            .get("/v1/models"), .get("/v1/model?name=own/here"), .get("/v1/model/own/here"),
            .get("/v1/model/path?name=own/here"), .get("/v1/integrity/status"), .get("/v1/stats"), .get("/v1/audit"),
            .get("/v1/policy"), .get("/metrics"), .get("/v1/model/own/here/events"),
            .get("/v1/model/own/here/evidence"), .post("/v1/model/verify?name=own/here"),
            .get("/v1/model/own/here/tensor-manifest"), .get("/log/tile/entries/000.p/1"),
        ]
        for readsAreOpen in [true, false] {
            var home = try RegistryHome(
                ["token_failures_max": "0", "bind_addr": readsAreOpen ? "127.0.0.1:0" : "0.0.0.0:0"])
            home.settings["credentials_path"] = try CredentialFile(in: home, Self.entries()).path
            try await withRegistry(home) { registry in
                try await registry.takeIn("own/here", ModelFiles.gguf(1))
                for kind in try await Self.kinds(registry, readsAreOpen: readsAreOpen) where !kind.isService {
                    let isBasic = kind.authorization?.hasPrefix("Basic") == true
                    let refusal = kind.authorization == nil || isBasic || !kind.isKnown ? 401 : 403
                    func asked(_ requests: [HTTPRequest]) async throws -> [HTTPResponse] {
                        try await registry.sendAll(
                            requests.map { request in
                                var request = request
                                if let value = kind.authorization { request.headers.append(("Authorization", value)) }
                                return request
                            }, authorized: false)
                    }
                    for answer in try await asked(mutations) {
                        #expect(answer.status == refusal, "\(kind.name): \(answer)")
                    }
                    let isOpen = readsAreOpen && kind.isKnown && !isBasic
                    for answer in try await asked(reads) {
                        #expect(
                            isOpen
                                ? ![401, 403].contains(answer.status) || answer.code == "not_trusted"
                                : answer.status == refusal, "\(kind.name): \(answer)")
                    }
                }
                #expect(try await registry.kinds() == ["acquired"])
            }
        }
    }

    @Test("The catalogue names what one may pull from, and nothing else")
    func catalogue() async throws {
        var home = try RegistryHome(["token_failures_max": "0", "bind_addr": "0.0.0.0:0"])
        home.settings["credentials_path"] = try CredentialFile(in: home, Self.entries()).path
        try await withRegistry(home) { registry in
            for name in ["own/a", "own/here", "foreign/here", "own"] where name != "own" {
                try await registry.takeIn(name, ModelFiles.gguf(1))
            }
            func names(_ authorization: String?) async throws -> [String]? {
                var names: [String] = []
                var target: String? = "/v2/_catalog?n=1"
                while let page = target {
                    var request = HTTPRequest.get(page)
                    if let authorization { request.headers.append(("Authorization", authorization)) }
                    let answer = try await registry.send(request, authorized: false)
                    guard answer.status == 200 else { return nil }
                    names += answer.json["repositories"]?.asArray?.compactMap(\.asString) ?? []
                    target = answer[header: "link"]?.split(separator: ">").first.map { String($0.dropFirst()) }
                }
                return names
            }
            func bearer(_ name: String) -> String { "Bearer \(CredentialFile.token(of: name))" }
            #expect(try await names(nil) == nil)
            #expect(try await names(bearer("past")) == nil)
            #expect(try await names(bearer("pull")) == ["own/a", "own/here"])
            #expect(try await names(bearer("one")) == ["own/here"])
            #expect(try await names(bearer("push")) == [])
            #expect(try await names(bearer("everywhere")) == ["foreign/here", "own/a", "own/here"])
            #expect(try await names("Bearer \(RegistryHome.token)") == ["foreign/here", "own/a", "own/here"])
            let one = CredentialFile.token(of: "one")
            #expect(try await names(Self.issued(registry, ["registry:catalog:*"], by: one)) == ["own/here"])
            #expect(try await names(Self.issued(registry, ["repository:own/here:pull"], by: one)) == nil)
        }
    }

    @Test("A reviewer reads what is not trusted, which is written down under its name; nobody else does")
    func review() async throws {
        var home = try RegistryHome(["token_failures_max": "0"])
        home.settings["credentials_path"] = try CredentialFile(in: home, Self.entries()).path
        try await withRegistry(home) { registry in
            for name in ["own/here", "foreign/here"] { try await registry.takeIn(name, ModelFiles.gguf(1)) }
            func code(_ name: String, _ authorization: String?) async throws -> String? {
                var request = HTTPRequest.get("/v2/\(name)/manifests/latest")
                if let authorization { request.headers.append(("Authorization", authorization)) }
                let answer = try await registry.send(request, authorized: false)
                return answer.status == 200 ? nil : Self.code(answer)
            }
            func bearer(_ name: String) -> String { "Bearer \(CredentialFile.token(of: name))" }
            let here = ["repository:own/here:pull"]
            for authorization in [
                nil, "Bearer \(RegistryHome.token)", bearer("pull"), bearer("one"),
                try await Self.issued(registry, here, by: CredentialFile.token(of: "pull")),
            ] {
                #expect(try await code("own/here", authorization) == "not_trusted")
            }
            #expect(try await code("own/here", bearer("review")) == "access_denied")
            #expect(try await code("foreign/here", bearer("reader")) == "access_denied")
            #expect(try await code("own/here", bearer("reader")) == nil)
            let issued = try await Self.issued(registry, here, by: CredentialFile.token(of: "reader"))
            #expect(try await code("own/here", issued) == nil)
            let actors = try await registry.events().compactMap { $0["event"]?["actor"]?.asString }
            #expect(actors.filter { $0 == "principal/reader" }.count == 1)
        }
    }

    @Test("A repository that is configured to be open is pulled from without the gate, by whoever may pull")
    func open() async throws {
        var home = try RegistryHome(["token_failures_max": "0", "bind_addr": "0.0.0.0:0"])
        var file = try CredentialFile(in: home, Self.entries())
        home.settings["credentials_path"] = file.path
        try await withRegistry(home) { registry in
            try await registry.takeIn("own/here", ModelFiles.gguf(1))
            func status(_ name: String?) async throws -> Int {
                var request = HTTPRequest.get("/v2/own/here/manifests/latest")
                if let name {
                    request.headers.append(("Authorization", "Bearer \(CredentialFile.token(of: name))"))
                }
                return try await registry.send(request, authorized: false).status
            }
            #expect(try await status("pull") == 403)
            file.openRepositories = ["own/*"]
            try file.write()
            try await eventually { try await status("pull") == 200 }
            #expect(try await status("push") == 403)
            #expect(try await status(nil) == 401)
            file.openRepositories = ["own/other"]
            try file.write()
            try await eventually { try await status("pull") == 403 }
        }
    }
}

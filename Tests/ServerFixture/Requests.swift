public import StrictJSON

// What tests ask for again and again.
extension RunningRegistry {
    public func get(_ target: String, _ headers: (name: String, value: String)...) async throws -> HTTPResponse {
        try await send(HTTPRequest("GET", target, headers: headers))
    }

    public func post(_ target: String, _ json: JSONValue? = nil) async throws -> HTTPResponse {
        try await send(.post(target, json))
    }

    public func delete(_ target: String, _ json: JSONValue? = nil) async throws -> HTTPResponse {
        try await send(.delete(target, json))
    }

    public func acquire(
        _ name: String, _ filename: String, _ sha256: String?, _ more: [(String, JSONValue)] = []
    ) async throws -> HTTPResponse {
        var members: [(String, JSONValue)] = [("name", .string(name)), ("filename", .string(filename))]
        if let sha256 { members.append(("sha256", .string(sha256))) }
        return try await post("/v1/model/acquire", .object(JSONObject(members + more)))
    }

    public func promote(_ name: String, _ more: [(String, JSONValue)] = []) async throws -> HTTPResponse {
        try await post("/v1/model/promote", .object(JSONObject([("name", .string(name))] + more)))
    }

    public func revoke(_ name: String, _ json: JSONValue? = nil) async throws -> HTTPResponse {
        try await post("/v1/model/revoke?name=\(name)", json)
    }

    public func path(of name: String) async throws -> HTTPResponse {
        try await get("/v1/model/path?name=\(name)")
    }

    /// Writes a file, takes it in under a name, and checks that it worked.
    ///
    /// - Returns: the SHA-256 of the bytes.
    @discardableResult
    public func takeIn(_ name: String, _ bytes: [UInt8], filename: String? = nil) async throws -> String {
        let filename = filename ?? "incoming/\(name.replacing("/", with: "-")).gguf"
        let sha256 = try home.write(bytes, as: filename)
        let answer = try await acquire(name, filename, sha256)
        guard answer.status == 201 else { throw FixtureFault("acquire \(name): \(answer)") }
        return sha256
    }

    /// Takes bytes in and promotes them.
    ///
    /// - Returns: the SHA-256 of the bytes.
    @discardableResult
    public func admit(_ name: String, _ bytes: [UInt8], filename: String? = nil) async throws -> String {
        let sha256 = try await takeIn(name, bytes, filename: filename)
        let answer = try await promote(name)
        guard answer.status == 201 else { throw FixtureFault("promote \(name): \(answer)") }
        return sha256
    }

    /// The state of an artifact.
    public func state(of name: String) async throws -> String? {
        try await get("/v1/model?name=\(name)")["state"]
    }

    /// Every event, oldest first.
    public func events(of name: String? = nil) async throws -> [JSONValue] {
        let target = name.map { "/v1/model/\($0)/events" } ?? "/v1/audit"
        return try await get("\(target)?limit=1000").json.asArray ?? []
    }

    /// What happened to artifacts, in order: the kinds of the events.
    public func kinds(of name: String? = nil) async throws -> [String] {
        try await events(of: name).compactMap { $0["event"] }.filter { $0["name"] != nil }
            .compactMap { $0["event"]?.asString }
    }

    /// The value of a metric; `nil` when there is none.
    public func metric(_ name: String) async throws -> Double? {
        let lines = try await get("/metrics").text.split(separator: "\n")
        return lines.first { $0.hasPrefix(name + " ") }.flatMap { Double($0.dropFirst(name.utf8.count + 1)) }
    }
}

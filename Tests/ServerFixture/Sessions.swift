// Many requests over few connections.
extension RunningRegistry {
    /// Sends requests one after another over connections that stay open, and opens a new one where the server closed.
    ///
    /// - Parameter connections: how many share the requests, each with a part that is sent in order.
    /// - Returns: the answers in the order of the requests.
    public func sendAll(
        _ requests: [HTTPRequest], over connections: Int = 1, authorized: Bool = true
    ) async throws -> [HTTPResponse] {
        let requests = authorized ? requests.map(\.authorized) : requests
        let home = home
        let address = address
        let parts = try await withThrowingTaskGroup(of: (Int, [HTTPResponse]).self) { group in
            for part in 0..<connections {
                let own = stride(from: part, to: requests.count, by: connections).map { requests[$0] }
                group.addTask {
                    (part, try await OwnThread.run { try Self.session(own, with: address) })
                }
            }
            return try await group.reduce(into: [Int: [HTTPResponse]]()) { $0[$1.0] = $1.1 }
        }
        return try requests.indices.map { index in
            guard let answer = parts[index % connections]?[index / connections] else {
                throw FixtureFault("request \(index) has no answer")
            }
            return try answer.checked(against: home)
        }
    }

    private static func session(_ requests: [HTTPRequest], with address: ServerAddress) throws -> [HTTPResponse] {
        var connection: HTTPConnection?
        return try requests.map { request in
            let current = try connection ?? HTTPConnection(to: address)
            let answer = try current.exchange(request)
            let closes = answer[header: "connection"]?.lowercased() == "close"
            connection = closes ? nil : current
            return answer
        }
    }
}

extension HTTPRequest {
    /// With the service token, unless it brings credentials of its own.
    var authorized: HTTPRequest {
        guard value("authorization") == nil else { return self }
        var request = self
        request.headers.append(("Authorization", "Bearer \(RegistryHome.token)"))
        return request
    }
}

extension HTTPResponse {
    /// What no error answer may hold, whatever it is about: where on the machine the registry keeps its files, and the
    /// token.
    func checked(against home: RegistryHome) throws -> HTTPResponse {
        guard !text.contains(RegistryHome.token) else { throw FixtureFault("an answer holds the token: \(self)") }
        if status >= 400, text.contains(home.path) { throw FixtureFault("an error names a path: \(self)") }
        return self
    }
}

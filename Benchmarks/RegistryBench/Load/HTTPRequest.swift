/// The bytes of a request over a connection that stays open.
struct HTTPRequest: Sendable {
    let bytes: [UInt8]

    static func get(_ path: String, port: UInt16, accepting mediaType: String? = nil) -> HTTPRequest {
        let accept = mediaType.map { "Accept: \($0)\r\n" } ?? ""
        return HTTPRequest(bytes: Array("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\(accept)\r\n".utf8))
    }

    /// - Parameter json: the body; empty for none.
    static func post(_ path: String, json: [UInt8] = [], token: String, port: UInt16) -> HTTPRequest {
        let head = """
            POST \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nAuthorization: Bearer \(token)\r\n\
            Content-Type: application/json\r\nContent-Length: \(json.count)\r\n\r\n
            """
        return HTTPRequest(bytes: Array(head.utf8) + json)
    }
}

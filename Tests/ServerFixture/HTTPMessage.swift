public import StrictJSON

/// One request, written as it is: nothing is normalised or added but what `HTTPConnection` says.
public struct HTTPRequest: Sendable {
    public var method: String
    /// Path and query as they go over the wire.
    public var target: String
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]?

    public init(
        _ method: String, _ target: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }

    public static func get(_ target: String, _ headers: (name: String, value: String)...) -> HTTPRequest {
        HTTPRequest("GET", target, headers: headers)
    }

    public static func post(_ target: String, _ json: JSONValue? = nil) -> HTTPRequest {
        guard let json else { return HTTPRequest("POST", target) }
        return HTTPRequest(
            "POST", target, headers: [("Content-Type", "application/json")], body: json.encoded())
    }

    public static func put(
        _ target: String, _ body: [UInt8], _ headers: (name: String, value: String)...
    ) -> HTTPRequest {
        HTTPRequest("PUT", target, headers: headers, body: body)
    }

    public static func delete(_ target: String, _ json: JSONValue? = nil) -> HTTPRequest {
        var request = post(target, json)
        request.method = "DELETE"
        return request
    }

    /// The bytes on the wire. `Content-Length` is added to a body, and to what has none but should say so.
    func encoded(host: String) -> [UInt8] {
        var text = "\(method) \(target) HTTP/1.1\r\n"
        if value("host") == nil { text += "Host: \(host)\r\n" }
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        let announces = value("content-length") != nil || value("transfer-encoding") != nil
        if !announces, body != nil || ["POST", "PUT", "DELETE"].contains(method) {
            text += "Content-Length: \(body?.count ?? 0)\r\n"
        }
        return Array((text + "\r\n").utf8) + (body ?? [])
    }

    public func value(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name }?.value
    }
}

/// One answer, read to its end.
public struct HTTPResponse: Sendable, CustomStringConvertible {
    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    public var text: String { String(decoding: body, as: UTF8.self) }
    public var description: String { "\(status) \(text.prefix(600))" }

    /// The value of a header field; its name in lower case.
    public subscript(header name: String) -> String? {
        headers.first { $0.name.lowercased() == name }?.value
    }

    /// The body as JSON; `null` when it is none.
    public var json: JSONValue {
        (try? StrictJSON.parse(body, limits: Self.limits)) ?? .null
    }

    /// A text in the body's object.
    public subscript(field: String) -> String? { json[field]?.asString }

    /// The code of an error answer.
    public var code: String? { self["code"] }
    public var error: String? { self["error"] }

    private static let limits = JSONLimits(
        bytesMax: 64 << 20, depthMax: 64, nodesMax: 4_000_000, stringBytesMax: 16 << 20)
}

extension JSONValue {
    /// A member of an object.
    public subscript(name: String) -> JSONValue? { asObject?[name] }
    public var asUInt64: UInt64? { asNumber?.uint64 }
    public var asStrings: [String] { (asArray ?? []).compactMap(\.asString) }
}

public import HTTPTypes
public import Hummingbird
import NIOCore
import RegistryCore
public import RegistryWire
public import StrictJSON

/// A status and the document that goes with it.
public struct JSONAnswer: Sendable {
    public var status: HTTPResponse.Status
    public var body: JSONValue

    public init(_ document: some WireDocument, status: HTTPResponse.Status = .ok) {
        body = document.json
        self.status = status
    }

    init(_ error: RegistryError) {
        self.init(
            ErrorDocument(error: error.message, code: error.code.rawValue, detail: error.detail),
            status: HTTPResponse.Status(code: error.code.httpStatus))
    }

    var response: Response { .json(body, status: status) }
}

extension Response {
    /// A JSON answer, complete in memory.
    public static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
        bytes(value.encoded(), contentType: "application/json", status: status)
    }

    public static func document(_ document: some WireDocument, status: HTTPResponse.Status = .ok) -> Response {
        json(document.json, status: status)
    }

    public static func bytes(
        _ bytes: [UInt8], contentType: String, status: HTTPResponse.Status = .ok
    ) -> Response {
        Response(
            status: status,
            headers: [
                .contentType: contentType, .contentLength: String(bytes.count), .cacheControl: "no-store",
                .xContentTypeOptions: "nosniff",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}

extension HTTPField.Name {
    /// RFC 8288 `Link`, which carries the next page's address.
    public static let nextPage = HTTPField.Name(parsed: "link") ?? .location
}

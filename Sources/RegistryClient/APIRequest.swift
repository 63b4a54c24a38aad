internal import RegistryWire

/// One request before it becomes HTTP.
struct APIRequest: Sendable {
    enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    enum Body: Sendable {
        case none
        case json([UInt8])
        case content(UploadBody)
    }

    var method = Method.get
    var path: String
    var query: [(name: String, value: String)] = []
    var fields: [(name: String, value: String)] = []
    var accept = "application/json"
    var body = Body.none

    /// Whether the registry may have to read artifacts before it can answer.
    var isWork = false

    /// Largest answer that is read. A page holds at most 1,000 artifacts.
    var answerBytesMax = 64 << 20

    init(_ method: Method, _ path: String, query: [(name: String, value: String?)] = []) {
        self.method = method
        self.path = path
        self.query = query.compactMap { parameter in parameter.value.map { (parameter.name, $0) } }
    }

    /// A request with a JSON body that makes the registry read, inspect or decide.
    static func work(
        _ method: Method, _ path: String, query: [(name: String, value: String?)] = [],
        body: (any WireDocument)? = nil
    ) -> APIRequest {
        var request = APIRequest(method, path, query: query)
        request.isWork = true
        if let body { request.body = .json(body.encoded) }
        return request
    }
}

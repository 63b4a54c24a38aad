/// What the stub received.
public struct StubRequest: Sendable {
    public var method: String
    /// Path without the query.
    public var path: String
    /// Parameters as they were sent, percent-encoded.
    public var query: [String: String]
    /// By lower-case name.
    public var headers: [String: String]
    public var body: [UInt8]
    /// Whether the stub broke the connection before the body was complete.
    public var isBroken = false
}

/// What the stub answers.
public struct StubAnswer: Sendable {
    public var status: Int
    public var headers: [(String, String)]
    /// Sent piece by piece; more than one makes the answer chunked.
    public var pieces: [[UInt8]]
    /// Close the connection instead of ending the body.
    public var breaksOff = false
    /// Send nothing and keep the connection.
    public var isSilent = false

    /// Send a byte ten times a second for as long as the connection is there.
    public var isDripping = false

    public init(_ body: String) {
        self.init(200, body)
    }

    public init(_ status: Int = 200, headers: [(String, String)] = [], _ body: String = "") {
        self.init(status, headers: headers, pieces: [Array(body.utf8)])
    }

    public init(_ status: Int = 200, headers: [(String, String)] = [], pieces: [[UInt8]], breaksOff: Bool = false) {
        self.status = status
        self.headers = headers
        self.pieces = pieces
        self.breaksOff = breaksOff
    }

    public static var silent: StubAnswer {
        var answer = StubAnswer()
        answer.isSilent = true
        return answer
    }

    public static var dripping: StubAnswer {
        var answer = StubAnswer(pieces: [[0x20], [0x20]])
        answer.isDripping = true
        return answer
    }

    /// A refusal as the API writes it.
    public static func refusal(_ status: Int, _ code: String, detail: String = "{}") -> StubAnswer {
        StubAnswer(status, #"{"error":"A sentence.","code":"\#(code)","detail":\#(detail)}"#)
    }
}

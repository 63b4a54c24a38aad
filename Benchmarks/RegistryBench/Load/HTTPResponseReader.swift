/// Finds the end of a response in a stream of bytes. Knows of HTTP/1.1 what our server sends: bodies with a length.
struct HTTPResponseReader {
    private static let headBytesMax = 65_536
    private static let headEnd = Array("\r\n\r\n".utf8)
    /// Of the fields that are read: others are not looked at further.
    private static let initials = Array("cClL".utf8)

    private var head: [UInt8] = []
    private var bodyBytesLeft: Int?
    private(set) var status = 0
    private(set) var body: [UInt8] = []
    private(set) var location: String?
    /// Whether the body is kept, or only counted.
    private let keepsBody: Bool

    init(keepsBody: Bool) {
        self.keepsBody = keepsBody
    }

    /// Takes the next bytes of the one response that is expected.
    ///
    /// - Returns: whether the response is complete.
    mutating func take(_ bytes: UnsafeRawBufferPointer) throws(BenchFault) -> Bool {
        var rest = bytes[...]
        if bodyBytesLeft == nil {
            let known = head.count
            head.append(contentsOf: rest)
            guard let end = Self.end(of: head, from: max(0, known - 3)) else {
                guard head.count <= Self.headBytesMax else { throw BenchFault("the head of a response does not end") }
                return false
            }
            try readHead(head[..<end])
            rest = rest.dropFirst(end + Self.headEnd.count - known)
        }
        let left = (bodyBytesLeft ?? 0) - rest.count
        guard left >= 0 else { throw BenchFault("a response is longer than it says") }
        if keepsBody { body.append(contentsOf: rest) }
        bodyBytesLeft = left
        return left == 0
    }

    private static func end(of head: [UInt8], from start: Int) -> Int? {
        var index = start
        while index + 3 < head.count {
            if head[index] == 13, head[index + 1] == 10, head[index + 2] == 13, head[index + 3] == 10 { return index }
            index += 1
        }
        return nil
    }

    private mutating func readHead(_ head: ArraySlice<UInt8>) throws(BenchFault) {
        let lines = head.split(separator: 10)
        // `HTTP/1.1 200 OK`
        guard let first = lines.first, first.count >= 12,
            let status = Int(String(decoding: first.dropFirst(9).prefix(3), as: UTF8.self))
        else { throw BenchFault("this is no HTTP response") }
        self.status = status
        for line in lines.dropFirst() where Self.initials.contains(line.first ?? 0) {
            let parts = String(decoding: line, as: UTF8.self).split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            switch parts[0].lowercased() {
            case "content-length": bodyBytesLeft = Int(parts[1].filter(\.isNumber))
            case "location": location = parts[1].filter { !$0.isWhitespace }
            default: continue
            }
        }
        if bodyBytesLeft == nil { throw BenchFault("a response with status \(status) does not say its length") }
    }
}

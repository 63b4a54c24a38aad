/// Reads one answer out of bytes that arrive piece by piece (RFC 9112).
struct ResponseReader {
    private let isHead: Bool
    private var response: HTTPResponse?
    private var framing = Framing.head
    private var body: [UInt8] = []

    private enum Framing: Equatable {
        case head
        case length(Int)
        case chunkSize
        case chunk(Int)
        case trailer
        case untilEnd
    }

    init(isHead: Bool) {
        self.isHead = isHead
    }

    /// - Returns: the answer once it is whole; what follows it stays in `buffer`.
    mutating func take(from buffer: inout [UInt8]) throws -> HTTPResponse? {
        while true {
            switch framing {
            case .head:
                guard let end = buffer.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
                let head = String(decoding: buffer[..<end.lowerBound], as: UTF8.self)
                buffer.removeFirst(end.upperBound)
                try begin(head)
                // 1xx answers come before the one that is meant.
                if let status = response?.status, status < 200 { framing = .head }
            case .length(let count):
                guard buffer.count >= count else { return nil }
                return finish(taking: count, &buffer)
            case .chunkSize:
                guard let line = takeLine(&buffer) else { return nil }
                guard let count = Int(line.prefix { $0 != ";" }, radix: 16) else {
                    throw FixtureFault("a chunk of \(line) bytes")
                }
                framing = count == 0 ? .trailer : .chunk(count)
            case .chunk(let count):
                guard buffer.count >= count + 2 else { return nil }
                body += buffer[..<count]
                buffer.removeFirst(count + 2)
                framing = .chunkSize
            case .trailer:
                guard let line = takeLine(&buffer) else { return nil }
                if line.isEmpty { return finish(taking: 0, &buffer) }
            case .untilEnd:
                return nil
            }
        }
    }

    /// The connection ended.
    mutating func end(_ buffer: inout [UInt8]) throws -> HTTPResponse {
        guard framing == .untilEnd, let response = finish(taking: buffer.count, &buffer) else {
            throw FixtureFault("the connection ended in the middle of an answer: \(framing), \(body.count) bytes")
        }
        return response
    }

    private mutating func begin(_ head: String) throws {
        let lines = head.split(separator: "\r\n", omittingEmptySubsequences: false)
        let words = lines[0].split(separator: " ")
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            throw FixtureFault("not an answer: \(head.prefix(100))")
        }
        var answer = HTTPResponse(status: status, headers: [], body: [])
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw FixtureFault("not a header field: \(line)") }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            answer.headers.append((String(line[..<colon]), String(value)))
        }
        if isHead || status == 204 || status == 304 {
            framing = .length(0)
        } else if answer[header: "transfer-encoding"]?.lowercased() == "chunked" {
            framing = .chunkSize
        } else if let length = answer[header: "content-length"].flatMap({ Int($0) }) {
            framing = .length(length)
        } else {
            framing = .untilEnd
        }
        response = answer
    }

    private mutating func takeLine(_ buffer: inout [UInt8]) -> String? {
        guard let end = buffer.firstRange(of: Array("\r\n".utf8)) else { return nil }
        let line = String(decoding: buffer[..<end.lowerBound], as: UTF8.self)
        buffer.removeFirst(end.upperBound)
        return line
    }

    private mutating func finish(taking count: Int, _ buffer: inout [UInt8]) -> HTTPResponse? {
        body += buffer[..<count]
        buffer.removeFirst(count)
        response?.body = body
        return response
    }
}

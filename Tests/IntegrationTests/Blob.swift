import Foundation
import ServerFixture
import StrictJSON
import Testing

/// How clients push a blob.
enum PushWay: String, CaseIterable {
    /// One `POST` with the digest and the bytes.
    case whole
    /// `POST`, then one `PUT` with the bytes.
    case put
    /// `POST`, one `PATCH` without a length, and an empty `PUT`.
    case stream
    /// `POST`, a `PATCH` for each chunk, and an empty `PUT`.
    case chunks
    /// The same, with the last chunk in the `PUT`.
    case lastChunk = "last-chunk"
}

/// Bytes that are pushed.
enum Blob {
    static func bytes(_ count: Int, seed: UInt8 = 1) -> [UInt8] {
        var state = UInt32(seed) &* 2_654_435_761 | 1
        return (0..<count).map { _ in
            state ^= state << 13
            state ^= state >> 17
            state ^= state << 5
            return UInt8(truncatingIfNeeded: state >> 8)
        }
    }

    /// What the store has under a digest.
    static func stored(_ digest: String, _ registry: RunningRegistry) throws -> [UInt8]? {
        let parts = digest.split(separator: ":")
        let (algorithm, hex) = (try #require(parts.first), try #require(parts.last))
        let path = "\(registry.home.directory)/store/blobs/\(algorithm)/\(hex.prefix(2))/\(hex)"
        return FileManager.default.contents(atPath: path).map { [UInt8]($0) }
    }

    /// Uploads that are not finished.
    static func unfinished(_ registry: RunningRegistry) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: registry.home.directory + "/store/uploads")
    }

    /// One of each request that an upload takes.
    static func uses(of location: String) -> [HTTPRequest] {
        [
            .get(location), .patch(location, [1]), .put("\(location)?digest=sha256:\(sha256([1]))", [1]),
            .put("\(location)?digest=sha256:\(sha256([]))", []), .delete(location),
        ]
    }

    /// A piece of a body in chunked encoding.
    static func chunk(_ bytes: [UInt8]) -> [UInt8] {
        Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + Array("\r\n".utf8)
    }

    static let lastChunk = Array("0\r\n\r\n".utf8)
}

extension HTTPRequest {
    static func patch(
        _ target: String, _ body: [UInt8], _ headers: (name: String, value: String)...
    ) -> HTTPRequest {
        HTTPRequest("PATCH", target, headers: headers, body: body)
    }
}

extension RunningRegistry {
    /// Begins an upload.
    ///
    /// - Returns: its address.
    func begin(_ repository: String, _ query: String = "") async throws -> String {
        let answer = try await post("/v2/\(repository)/blobs/uploads/?" + query)
        expect(answer, 202)
        return try #require(answer[header: "location"])
    }

    /// - Returns: the last answer.
    func push(
        _ bytes: [UInt8], as digest: String, to repository: String, _ way: PushWay, beginning query: String = ""
    ) async throws -> HTTPResponse {
        if way == .whole {
            return try await send(
                HTTPRequest("POST", "/v2/\(repository)/blobs/uploads/?digest=\(digest)", body: bytes))
        }
        let location = try await begin(repository, query)
        let end = "\(location)?digest=\(digest)"
        switch way {
        case .whole: throw FixtureFault("not reached")
        case .put: return try await send(.put(end, bytes))
        case .stream:
            let body = stride(from: 0, to: bytes.count, by: 100_000).flatMap { start in
                Blob.chunk(Array(bytes[start..<min(start + 100_000, bytes.count)]))
            }
            expect(
                try await send(
                    HTTPRequest(
                        "PATCH", location, headers: [("Transfer-Encoding", "chunked")], body: body + Blob.lastChunk)),
                202)
            return try await send(.put(end, []))
        case .chunks, .lastChunk:
            let size = bytes.count / 3 + 1
            var last: HTTPRequest = .put(end, [])
            for start in stride(from: 0, to: bytes.count, by: size) {
                let part = Array(bytes[start..<min(start + size, bytes.count)])
                let range = ("Content-Range", "\(start)-\(start + part.count - 1)")
                if way == .lastChunk, start + size >= bytes.count {
                    last = .put(end, part, range)
                } else {
                    expect(try await send(.patch(location, part, range)), 202)
                }
            }
            return try await send(last)
        }
    }
}

/// Expects an error answer of the distribution protocol.
func expectDistribution(
    _ answer: HTTPResponse, _ status: Int, _ code: String, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(answer.status == status, "\(answer)", sourceLocation: sourceLocation)
    let error = answer.json["errors"]?.asArray?.first
    #expect(error?["code"]?.asString == code, "\(answer)", sourceLocation: sourceLocation)
}

import FileTestSupport
import Foundation
import ServerFixture
import Testing

/// A blob of a test that comes in two parts, the second one first (docs/adr/0013).
struct PartedBlob: PushedContent {
    struct Told: Sendable {
        /// Where its upload is.
        var location: String?
        /// The parts that were answered.
        var parts: Set<Part> = []
        /// That the blob is there.
        var isEnded = false
    }

    enum Part: Sendable, CaseIterable { case second, first }

    private static let byteCount = 24 << 10
    private static let firstBytes = 9_001

    static let nothing = Told()

    private let number: Int
    private let bytes: [UInt8]

    init(_ number: Int) {
        self.number = number
        bytes = patternedBytes(Self.byteCount, seed: UInt64(number) + 1)
    }

    private var blobs: String { "/v2/parts/r\(number % 3)/blobs" }
    private var digest: String { "sha256:\(sha256(bytes))" }

    private static func range(_ part: Part) -> Range<Int> {
        part == .first ? 0..<firstBytes : firstBytes..<byteCount
    }

    func push(
        to registry: RunningRegistry, _ hear: @Sendable (_ change: @Sendable (inout Told) -> Void) throws -> Void
    ) async throws -> HTTPResponse? {
        let begun = try await registry.send(PushedImage.request("POST", "\(blobs)/uploads/"))
        guard begun.status == 202, let location = begun[header: "location"] else { return begun }
        try hear { $0.location = location }
        for part in Part.allCases {
            let answer = try await registry.send(request(part, of: location))
            guard answer.status == 202 else { return answer }
            #expect(Self.parts(of: answer)?.contains(part) == true, "\(answer.headers)")
            try hear { $0.parts.insert(part) }
        }
        let end = try await registry.send(end(of: location))
        guard end.status == 201 else { return end }
        try hear { $0.isEnded = true }
        return nil
    }

    private func request(_ part: Part, of location: String) -> HTTPRequest {
        let range = Self.range(part)
        var request = PushedImage.request("PATCH", location, Array(bytes[range]), "application/octet-stream")
        let field = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(Self.byteCount)"
        request.headers.append(("Content-Range", field))
        return request
    }

    private func end(of location: String) -> HTTPRequest {
        PushedImage.request("PUT", "\(location)?digest=\(digest)", [], "application/octet-stream")
    }

    /// The parts that an answer says are there; `nil` for an upload that takes none.
    private static func parts(of answer: HTTPResponse) -> [Part]? {
        guard let field = answer[header: "pratique-upload-ranges"] else { return nil }
        let present = field.split(separator: ",").compactMap { text -> ClosedRange<Int>? in
            let ends = text.split(separator: "-").compactMap { Int($0) }
            return ends.count == 2 && ends[0] <= ends[1] ? ends[0]...ends[1] : nil
        }
        return Part.allCases.filter { part in
            let range = range(part)
            return present.contains { $0.contains(range.lowerBound) && $0.contains(range.upperBound - 1) }
        }
    }

    func isWhole(_ told: Told) -> Bool { told.isEnded }

    func expectKept(
        at registry: RunningRegistry, _ told: Told, refused: Bool, _ comment: String
    ) async throws {
        let comment = "\(comment), \(number): \(told)"
        let isThere = try await isThere(at: registry, comment)
        #expect(isThere || !told.isEnded, "\(comment)")
        guard let location = told.location else { return }
        let answer = try await registry.send(PushedImage.request("GET", location))
        switch answer.status {
        case 204:
            #expect(told.parts.isSubset(of: Self.parts(of: answer) ?? []), "\(comment): \(answer.headers)")
        case 404:
            // Parts that were answered go with their upload alone: when it is refused, or when the blob has its name,
            // whether it was written down or not.
            let isNamed = FileManager.default.fileExists(atPath: registry.home.blobPath(sha256(bytes)))
            let mayBeGone = told.parts.isEmpty || isNamed || refused
            #expect(mayBeGone, "\(comment): \(answer)")
        default: Issue.record("\(comment): \(answer)")
        }
    }

    /// Whether the blob is there. Under its name there are never other bytes.
    private func isThere(at registry: RunningRegistry, _ comment: String) async throws -> Bool {
        let stored = FileManager.default.contents(atPath: registry.home.blobPath(sha256(bytes))).map(Array.init)
        #expect(stored == nil || stored == bytes, "\(comment): other bytes")
        let head = try await registry.send(PushedImage.request("HEAD", "\(blobs)/\(digest)"))
        #expect(head.status == 404 || head.status == 200 && stored != nil, "\(comment): \(head)")
        return head.status == 200
    }

    /// Goes on with what is missing, or gives the upload up and begins a new one.
    func complete(at registry: RunningRegistry, _ told: Told, _ comment: String) async throws -> Told {
        let comment = "\(comment), \(number): \(told)"
        if let location = told.location {
            let standing = try await registry.send(PushedImage.request("GET", location))
            if standing.status == 204 {
                var random = SeededGenerator(number)
                if Bool.random(using: &random) {
                    try await goOn(at: registry, location, Self.parts(of: standing) ?? [], comment)
                } else {
                    let answer = try await registry.send(PushedImage.request("DELETE", location))
                    #expect(answer.status == 204, "\(comment): given up: \(answer)")
                }
            }
            let after = try await registry.send(PushedImage.request("GET", location))
            #expect(after.status == 404, "\(comment): \(after)")
        }
        if try await !isThere(at: registry, comment) {
            #expect(try await push(to: registry) { _ in } == nil, "\(comment): pushed again")
        }
        let isThere = try await isThere(at: registry, comment)
        #expect(isThere, "\(comment)")
        return Told(isEnded: isThere)
    }

    private func goOn(
        at registry: RunningRegistry, _ location: String, _ present: [Part], _ comment: String
    ) async throws {
        for part in Part.allCases where !present.contains(part) {
            let answer = try await registry.send(request(part, of: location))
            #expect(answer.status == 202, "\(comment): \(part): \(answer)")
        }
        let answer = try await registry.send(end(of: location))
        #expect(answer.status == 201, "\(comment): ended after \(present): \(answer)")
    }
}

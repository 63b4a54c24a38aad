import Foundation
import ServerFixture
import StrictJSON
import Testing

/// An image of a test: two small blobs, one that comes in parts, a manifest and a tag.
struct PushedImage: PushedContent {
    /// What a client is told is there.
    enum Part: Int, Sendable, CaseIterable { case config, layer, large, manifest }

    typealias Told = Set<Part>

    static let nothing: Set<Part> = []

    /// Too long to be kept straight from memory.
    private static let largeBytes = 96 << 10
    private static let manifestType = "application/vnd.oci.image.manifest.v1+json"
    private static let blobType = "application/octet-stream"

    /// Who pushes, and reads back what it pushed.
    private static let builder = "builder"

    /// A registry that knows who pushes.
    static func home() throws -> RegistryHome {
        var home = try RegistryHome.addressed()
        let entry = CredentialFile.Entry(builder, ["pull", "push"], on: ["**"])
        home.settings["credentials_path"] = try CredentialFile(in: home, [entry]).path
        return home
    }

    let repository: String
    let tag: String
    let manifest: [UInt8]
    private let blobs: [Part: [UInt8]]

    /// - Parameter number: images of different numbers have different bytes.
    init(_ number: Int) {
        repository = "team/r\(number % 3)"
        tag = "t\(number)"
        let config = Array("{\"number\": \(number)}".utf8)
        let layer = Array("{\"layer\": \(number)}".utf8)
        let large = Array("[\(number)".utf8) + [UInt8](repeating: 0x20, count: Self.largeBytes) + Array("]".utf8)
        blobs = [.config: config, .layer: layer, .large: large]
        func descriptor(_ bytes: [UInt8], _ title: String) -> String {
            """
            {"mediaType":"\(Self.blobType)","digest":"sha256:\(sha256(bytes))","size":\(bytes.count),\
            "annotations":{"org.opencontainers.image.title":"\(title)"}}
            """
        }
        manifest = Array(
            """
            {"schemaVersion":2,"mediaType":"\(Self.manifestType)","artifactType":"application/vnd.example.model",\
            "config":\(descriptor(config, "config.json")),\
            "layers":[\(descriptor(layer, "layer.json")),\(descriptor(large, "large.json"))]}
            """.utf8)
    }

    private var target: String { "/v2/\(repository)/manifests/\(tag)" }
    private var uploads: String { "/v2/\(repository)/blobs/uploads/" }

    func push(
        to registry: RunningRegistry,
        _ hear: @Sendable (_ change: @Sendable (inout Set<Part>) -> Void) throws -> Void
    ) async throws -> HTTPResponse? {
        for part in Part.allCases {
            let answer =
                switch part {
                case .config, .layer: try await registry.send(whole(part))
                case .large: try await sendLarge(to: registry)
                case .manifest: try await registry.send(Self.request("PUT", target, manifest))
                }
            guard answer.status == 201 else { return answer }
            try hear { $0.insert(part) }
        }
        return nil
    }

    private func whole(_ part: Part) -> HTTPRequest {
        Self.request("POST", "\(uploads)?digest=\(digest(part))", blobs[part], Self.blobType)
    }

    private func sendLarge(to registry: RunningRegistry) async throws -> HTTPResponse {
        let bytes = blobs[.large] ?? []
        let begun = try await registry.send(Self.request("POST", uploads))
        guard begun.status == 202, let location = begun[header: "location"] else { return begun }
        let first = Array(bytes[..<(bytes.count / 2)])
        let half = try await registry.send(Self.request("PATCH", location, first, Self.blobType))
        guard half.status == 202, let next = half[header: "location"] else { return half }
        let end = next + (next.contains("?") ? "&" : "?") + "digest=\(digest(.large))"
        return try await registry.send(Self.request("PUT", end, Array(bytes[first.count...]), Self.blobType))
    }

    /// One of who pushes.
    static func request(
        _ method: String, _ target: String, _ bytes: [UInt8]? = nil, _ type: String = manifestType
    ) -> HTTPRequest {
        let credential = ("Authorization", "Bearer \(CredentialFile.token(of: builder))")
        let headers = [credential] + (bytes == nil ? [] : [("Content-Type", type)])
        return HTTPRequest(method, target, headers: headers, body: bytes)
    }

    private func digest(_ part: Part) -> String { "sha256:\(sha256(blobs[part] ?? []))" }

    func isWhole(_ acknowledged: Set<Part>) -> Bool { acknowledged == Set(Part.allCases) }

    func complete(
        at registry: RunningRegistry, _ acknowledged: Set<Part>, _ comment: String
    ) async throws -> Set<Part> {
        #expect(try await push(to: registry) { _ in } == nil, "\(comment): repeated")
        let all = Set(Part.allCases)
        try await expectKept(at: registry, all, refused: false, comment)
        return all
    }

    func expectKept(
        at registry: RunningRegistry, _ acknowledged: Set<Part>, refused: Bool, _ comment: String
    ) async throws {
        let comment = "\(comment), \(repository):\(tag) \(acknowledged.map { "\($0)" }.sorted())"
        let answer = try await registry.send(Self.request("GET", target))
        #expect(
            answer.status == 200 || answer.status == 404 && !acknowledged.contains(.manifest), "\(comment): \(answer)")
        if answer.status == 200 {
            #expect(answer.body == manifest, "\(comment)")
        }
        let needed = answer.status == 200 ? Set(Part.allCases) : acknowledged
        for (part, bytes) in blobs where needed.contains(part) {
            let head = try await registry.send(Self.request("HEAD", "/v2/\(repository)/blobs/\(digest(part))"))
            #expect(head.status == 200, "\(comment): \(part): \(head)")
            let stored = FileManager.default.contents(atPath: registry.home.blobPath(sha256(bytes))).map(Array.init)
            #expect(stored == bytes, "\(comment): \(part)")
        }
    }
}

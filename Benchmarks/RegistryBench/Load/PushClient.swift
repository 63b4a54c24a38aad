import Crypto
import Glibc

/// Pushes by the OCI distribution protocol over one connection, as docker does.
final class PushClient {
    static let mediaType = "application/vnd.oci.image.manifest.v1+json"

    private let port: UInt16
    private let connection: HTTPConnection

    init(port: UInt16) throws(BenchFault) {
        self.port = port
        connection = try HTTPConnection(port: port)
    }

    /// Pushes a file in one `PUT`. Its bytes go from memory to the socket without being looked at.
    ///
    /// - Returns: how long the `PUT` took.
    func push(_ path: String, sizeBytes: UInt64, digest: String, to repository: String) throws(BenchFault) -> Duration {
        let location = try begin(repository)
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .system("open \(path)") }
        defer { close(file) }
        let clock = ContinuousClock()
        let start = clock.now
        try connection.send(head("PUT", Self.end(location, digest), "application/octet-stream", sizeBytes))
        try connection.send(file: file, count: sizeBytes)
        try expect(201)
        return start.duration(to: clock.now)
    }

    /// Pushes an image of a config and a layer that nobody has, each in a `POST` and a `PUT`, and its manifest.
    ///
    /// - Returns: the layer's digest.
    @discardableResult
    func pushImage(_ number: Int, layerBytes: Int, to repository: String) throws(BenchFault) -> String {
        let config = Array("{\"number\":\(number)}".utf8)
        var layer = [UInt8](repeating: 1, count: max(16, layerBytes))
        for (index, byte) in "\(number)".utf8.enumerated() { layer[index] = byte }
        let (configDigest, layerDigest) = (Self.digest(config), Self.digest(layer))
        try push(config, to: repository)
        try push(layer, to: repository)
        let manifest = Array(
            """
            {"schemaVersion":2,"mediaType":"\(Self.mediaType)","config":{"mediaType":\
            "application/vnd.oci.image.config.v1+json","digest":"\(configDigest)","size":\(config.count)},"layers":\
            [{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"\(layerDigest)","size":\(layer.count)}]}
            """.utf8)
        try put(manifest, Self.mediaType, at: "\(repository)/manifests/t\(number)")
        return layerDigest
    }

    /// Pushes a blob in a `POST` and a `PUT`.
    func push(_ blob: [UInt8], to repository: String) throws(BenchFault) {
        let target = Self.end(try begin(repository), Self.digest(blob))
        try connection.send(head("PUT", target, "application/octet-stream", UInt64(blob.count)) + blob)
        try expect(201)
    }

    /// - Returns: the address of the upload.
    private func begin(_ repository: String) throws(BenchFault) -> String {
        try connection.send(head("POST", "/v2/\(repository)/blobs/uploads/", "application/octet-stream", 0))
        guard let location = try expect(202).location else { throw BenchFault("an upload has no Location") }
        // Absolute or relative; the path is what counts.
        let parts = location.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        return location.hasPrefix("/") ? location : "/" + (parts.last ?? "")
    }

    private static func end(_ location: String, _ digest: String) -> String {
        location + (location.contains("?") ? "&" : "?") + "digest=" + digest
    }

    /// Puts a document where a manifest goes: `NAME/manifests/REFERENCE`.
    func put(_ manifest: [UInt8], _ mediaType: String, at target: String) throws(BenchFault) {
        try connection.send(head("PUT", "/v2/\(target)", mediaType, UInt64(manifest.count)) + manifest)
        try expect(201)
    }

    static func digest(_ bytes: [UInt8]) -> String {
        "sha256:" + SHA256.hash(data: bytes).hexadecimal
    }

    private func head(_ method: String, _ target: String, _ mediaType: String, _ count: UInt64) -> [UInt8] {
        Array(
            """
            \(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nAuthorization: Bearer \
            \(RegistryServerProcess.token)\r\nContent-Type: \(mediaType)\r\nContent-Length: \(count)\r\n\r\n
            """.utf8)
    }

    @discardableResult
    private func expect(_ status: Int) throws(BenchFault) -> HTTPResponseReader {
        var reader = HTTPResponseReader(keepsBody: true)
        while try !connection.receive(into: &reader) {}
        guard reader.status == status else {
            throw BenchFault(
                "a push was answered \(reader.status): \(String(decoding: reader.body.prefix(300), as: UTF8.self))")
        }
        return reader
    }
}

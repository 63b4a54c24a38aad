import HTTPTypes
public import Hummingbird
public import NIOCore
public import RegistryCore
public import RegistryPorts
import StrictJSON

/// Bytes that never change under their entity tag, answered whole, in part or not at all (RFC 9110 §13, §14).
public struct ImmutableContent: Sendable {
    public enum Bytes: Sendable {
        case inMemory(ByteBuffer)
        case file(any LocalFile)

        var count: UInt64 {
            switch self {
            case .inMemory(let buffer): UInt64(buffer.readableBytes)
            case .file(let file): file.sizeBytes
            }
        }
    }

    /// Files up to here are read: one answer in one write is cheaper than a file of its own.
    static let readBytesMax: UInt64 = 64 << 10

    public var bytes: Bytes
    public var contentType: String
    /// What the entity tag holds, a digest.
    public var tag: String

    public init(_ bytes: Bytes, contentType: String, tag: String) {
        self.bytes = bytes
        self.contentType = contentType
        self.tag = tag
    }

    /// - Parameter mayGoOn: asked again and again while a long answer is sent; `false` cuts it off.
    /// - Throws: `.rangeNotSatisfiable`; `.overloaded`, `.storageUnavailable` when the file cannot be read.
    public func answer(
        _ request: Request, _ context: RegistryRequestContext, mayGoOn: @escaping @Sendable () async -> Bool
    ) throws(RegistryError) -> Response {
        let entityTag = EntityTag(tag)
        var headers: HTTPFields = [
            .eTag: entityTag.description, .acceptRanges: "bytes", .contentType: contentType,
            .xContentTypeOptions: "nosniff",
        ]
        if entityTag.isNamed(by: request.headers[.ifNoneMatch]) {
            return Response(status: .notModified, headers: [.eTag: entityTag.description])
        }
        let size = bytes.count
        // §13.1.5: a part of something else than the client has would be of no use to it.
        let isWanted = request.headers[.ifRange].map { $0 == entityTag.description } ?? true
        let range: Range<UInt64>
        var status = HTTPResponse.Status.ok
        switch isWanted && request.method == .get ? ByteRange(request.headers[.range], sizeBytes: size) : .whole {
        case .whole: range = 0..<size
        case .part(let part):
            range = part
            status = .partialContent
            headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(size)"
        case .unsatisfiable:
            throw RegistryError(
                .rangeNotSatisfiable, "There are \(size) bytes.", detail: ["size": .integer(size)])
        }
        headers[.contentLength] = String(range.upperBound - range.lowerBound)
        guard request.method == .get else { return Response(status: status, headers: headers) }
        return Response(status: status, headers: headers, body: try body(range, context.channel, mayGoOn))
    }

    private func body(
        _ range: Range<UInt64>, _ channel: any Channel, _ mayGoOn: @escaping @Sendable () async -> Bool
    ) throws(RegistryError) -> ResponseBody {
        let count = range.upperBound - range.lowerBound
        switch bytes {
        case .inMemory(let buffer):
            guard let start = Int(exactly: range.lowerBound), let length = Int(exactly: count),
                let part = buffer.getSlice(at: buffer.readerIndex + start, length: length)
            else { throw RegistryError(.internalError, "A part of a document could not be cut out.") }
            return ResponseBody(byteBuffer: part)
        case .file(let file) where count <= Self.readBytesMax:
            return ResponseBody(byteBuffer: try file.bytes(range))
        case .file(let file):
            let sender = try FileSender(file)
            return ResponseBody(contentLength: Int(clamping: count)) { writer in
                try await sender.send(range, on: channel, mayGoOn: mayGoOn)
                try await writer.finish(nil)
            }
        }
    }
}

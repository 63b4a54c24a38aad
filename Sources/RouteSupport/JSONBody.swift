import HTTPTypes
public import Hummingbird
import NIOCore
import RegistryCore
public import RegistryWire
import StrictJSON

/// Reads a request's body as one JSON object, within limits, refusing repeated and unknown members.
public enum JSONBody {
    /// - Throws: `.bodyTooLarge`, `.unsupportedMediaType`, `.invalidJSON`, `.missingField`, `.unknownField`,
    ///   `.invalidField`.
    public static func read<Document: WireDocument>(_ request: Request) async throws -> Document {
        let bytes = try await bytes(request, bytesMax: JSONLimits.requestBody.bytesMax)
        return try document(bytes)
    }

    /// The same, where the body may be absent.
    public static func readIfAny<Document: WireDocument>(_ request: Request) async throws -> Document? {
        let bytes = try await bytes(request, bytesMax: JSONLimits.requestBody.bytesMax)
        return bytes.isEmpty ? nil : try document(bytes)
    }

    /// For an operation that takes nothing from a body: it may be absent, or an object without members.
    ///
    /// - Throws: as `read`.
    public static func requireNone(_ request: Request) async throws {
        let _: NoMembers? = try await readIfAny(request)
    }

    private struct NoMembers: WireDocument {
        var json: JSONValue { .object([:]) }

        init(json: JSONValue) throws(FieldFault) {
            let fields = try FieldReader(json)
            try fields.finish()
        }
    }

    /// The body as it came, for who reads it with limits of their own.
    ///
    /// - Throws: `.bodyTooLarge`, `.unsupportedMediaType`.
    public static func bytes(_ request: Request, bytesMax limit: Int) async throws -> [UInt8] {
        if let length = request.headers[.contentLength].flatMap(Int.init), length > limit { throw tooLarge(limit) }
        var bytes: [UInt8] = []
        for try await buffer in request.body {
            guard bytes.count + buffer.readableBytes <= limit else { throw tooLarge(limit) }
            bytes.append(contentsOf: buffer.readableBytesView)
        }
        guard bytes.isEmpty || isJSON(request.headers[.contentType]) else {
            throw RegistryError(.unsupportedMediaType, "The body has to be application/json.")
        }
        return bytes
    }

    /// Clients that send no type, or curl's default for `-d`, mean JSON; a form from a web page does not reach us, the
    /// origin check refuses it.
    private static func isJSON(_ contentType: String?) -> Bool {
        guard let type = contentType?.split(separator: ";").first?.lowercased() else { return true }
        return type == "application/json" || type.hasSuffix("+json") || type == "application/x-www-form-urlencoded"
    }

    private static func tooLarge(_ limit: Int) -> RegistryError {
        RegistryError(.bodyTooLarge, "The body has more than \(limit) bytes.", detail: ["limit": .integer(limit)])
    }

    private static func document<Document: WireDocument>(_ bytes: [UInt8]) throws -> Document {
        let value: JSONValue
        do {
            value = try StrictJSON.parse(bytes, limits: .requestBody)
        } catch {
            throw RegistryError(
                .invalidJSON, "The body is not one JSON object: \(error).",
                detail: ["offset": .integer(error.offset)])
        }
        do {
            return try Document(json: value)
        } catch {
            let code: ErrorCode =
                switch error {
                case .missing: .missingField
                case .unknown: .unknownField
                case .wrongType: .invalidField
                }
            throw RegistryError(code, "In the body, \(error).", detail: ["field": .string(error.field)])
        }
    }
}

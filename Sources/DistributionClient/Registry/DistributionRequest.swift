internal import NIOHTTP1
internal import OCI
internal import RegistryClient
internal import StrictJSON

/// One request before it becomes HTTP.
struct DistributionRequest: Sendable {
    enum Body: Sendable {
        case none
        case bytes([UInt8], contentType: String)
        /// From an offset to the end.
        case content(UploadBody)
    }

    var method: HTTPMethod
    var address: WebAddress
    var scope = AccessScope.none
    var fields: [(name: String, value: String)] = []
    var body = Body.none
    /// Largest answer that is read, apart from blobs.
    var answerBytesMax = 8 << 20
    /// Whether the registry may have to read a whole blob before it answers.
    var isWork = false

    init(_ method: HTTPMethod, _ address: WebAddress, _ scope: AccessScope = .none) {
        self.method = method
        self.address = address
        self.scope = scope
    }
}

/// An answer that was read whole.
struct DistributionAnswer: Sendable {
    var status: Int
    var headers: HTTPHeaders
    var body: [UInt8]
    /// What was asked in the end, after all redirects.
    var address: WebAddress

    var isSuccess: Bool { (200...299).contains(status) }

    func field(_ name: String) -> String? { headers.first(name: name) }

    var challenges: [AuthChallenge] { AuthChallenge.parse(headers["www-authenticate"]) }

    /// The registry's own words.
    var message: String? { error?.message }

    var refusal: DistributionFault {
        let error = error
        return .refused(
            DistributionFault.Refusal(
                status: status, code: error?.code, message: error?.message,
                retryAfter: field("retry-after").flatMap { UInt64($0) }))
    }

    /// The first error of the specification's document; some registries and token services send others.
    private var error: (code: DistributionError.Code?, message: String?)? {
        let limits = JSONLimits(bytesMax: 1 << 20, nodesMax: 10_000, stringBytesMax: 64 << 10)
        guard let object = try? StrictJSON.parse(body, limits: limits).asObject else { return nil }
        guard let first = object["errors"]?.asArray?.first?.asObject else {
            let members = ["error_description", "details", "error"]
            return (nil, members.lazy.compactMap { object[$0]?.asString }.first.map(Self.short))
        }
        let code = first["code"]?.asString
        let message = first["message"]?.asString.map(Self.short)
        return (code.flatMap { DistributionError.Code(rawValue: $0) }, message ?? code)
    }

    private static func short(_ text: String) -> String { String(text.prefix(500)) }
}

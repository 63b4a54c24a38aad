import ServerFixture
import StrictJSON
import Testing

/// Expects an answer with a status and, of an error, its code.
func expect(
    _ answer: HTTPResponse, _ status: Int, _ code: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(answer.status == status, "\(answer)", sourceLocation: sourceLocation)
    if let code { #expect(answer.code == code, "\(answer)", sourceLocation: sourceLocation) }
}

extension HTTPResponse {
    /// `detail` of an error answer.
    var detail: JSONValue { json["detail"] ?? .null }
    /// The names of the artifacts in a listing.
    var names: [String] { (json.asArray ?? []).compactMap { $0["name"]?.asString } }
}

/// Waits until something is so.
///
/// - Throws: when it is not after half a minute.
func eventually(_ isSo: () async throws -> Bool, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let end = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < end {
        if (try? await isSo()) == true { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    #expect(try await isSo(), "after 30 s", sourceLocation: sourceLocation)
}

public import RegistryCore
public import Testing

/// Expects a service to refuse with a certain code.
///
/// - Returns: the error, for what else is to be said about it.
@discardableResult
public func expectError<T>(
    _ code: ErrorCode, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> T
) async -> RegistryError? {
    do {
        let value = try await body()
        Issue.record("Expected \(code), got \(value)", sourceLocation: sourceLocation)
    } catch let error as RegistryError {
        if error.code != code {
            Issue.record("Expected \(code), got \(error.code): \(error.message)", sourceLocation: sourceLocation)
        }
        return error
    } catch {
        Issue.record("Expected \(code), got \(error)", sourceLocation: sourceLocation)
    }
    return nil
}

public import RegistryPorts
public import Testing

/// What every `MetadataStore` does, as tests that run over any of them.
///
/// Each clause gets an empty store of its own:
///
/// ```swift
/// @Test("The store keeps the contract", arguments: MetadataStoreContract.clauses)
/// func contract(clause: MetadataStoreContract.Clause) async throws {
///     try await clause.check(MyMetadataStore())
/// }
/// ```
public enum MetadataStoreContract {
    public struct Clause: Sendable, CustomTestStringConvertible {
        /// A sentence that is true of every store.
        public let testDescription: String
        public let check: @Sendable (any MetadataStore) async throws -> Void

        init(_ sentence: String, _ check: @escaping @Sendable (any MetadataStore) async throws -> Void) {
            testDescription = sentence
            self.check = check
        }
    }

    public static let clauses: [Clause] = [commits, records, pages, counts, log, documents, repositories].flatMap { $0 }
}

/// What a body throws to take back what it wrote.
struct BodyFault: Error, Equatable {
    var number = 0
}

import ServerFixture
import Testing

/// What a test pushes, in steps that may be interrupted.
protocol PushedContent: Sendable {
    /// What a client was told so far.
    associatedtype Told: Sendable

    /// What a client knows that was told nothing.
    static var nothing: Told { get }

    /// - Parameter number: content of different numbers has different bytes.
    init(_ number: Int)

    /// Takes one step after another until one is refused.
    ///
    /// - Parameter hear: gets what each answer says.
    /// - Returns: the refusal; `nil` when everything is there.
    /// - Throws: when the server is gone.
    func push(
        to registry: RunningRegistry, _ hear: @Sendable (_ change: @Sendable (inout Told) -> Void) throws -> Void
    ) async throws -> HTTPResponse?

    func isWhole(_ told: Told) -> Bool

    /// Checks that what was told is so, and that everything else is wholly there or not at all.
    ///
    /// - Parameter refused: whether the push ended with a refusal, and not with the server.
    func expectKept(
        at registry: RunningRegistry, _ told: Told, refused: Bool, _ comment: String) async throws

    /// Has a client that was told this bring the push to its end, and checks that everything is there.
    ///
    /// - Returns: what it was told then.
    func complete(at registry: RunningRegistry, _ told: Told, _ comment: String) async throws -> Told
}

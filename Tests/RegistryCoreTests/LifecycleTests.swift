import RegistryCore
import Testing

@Suite("Lifecycle")
struct LifecycleTests {
    private typealias Outcome = Lifecycle.Outcome

    /// The table of the product's documentation: each action from nowhere, acquired, quarantined, trusted, revoked,
    /// deleted.
    private static let table: [(LifecycleAction, [Outcome])] = [
        (
            .acquire,
            [.moves([.acquired]), .alreadyDone, .alreadyDone, .alreadyDone, .refused, .refused]
        ),
        (
            .push,
            [.moves([.acquired]), .alreadyDone, .alreadyDone, .alreadyDone, .alreadyDone, .moves([.acquired])]
        ),
        (
            .quarantine,
            [.refused, .moves([.quarantined]), .alreadyDone, .moves([.quarantined]), .refused, .refused]
        ),
        (
            .failIntegrity,
            [.refused, .moves([.quarantined]), .alreadyDone, .moves([.quarantined]), .alreadyDone, .alreadyDone]
        ),
        (
            .promote,
            [
                .refused, .moves([.quarantined, .trusted]), .moves([.trusted]), .moves([.trusted]),
                .moves([.quarantined, .trusted]), .refused,
            ]
        ),
        (
            .revoke,
            [.refused, .moves([.revoked]), .moves([.revoked]), .moves([.revoked]), .alreadyDone, .refused]
        ),
        (
            .delete,
            [
                .refused, .moves([.deleted]), .moves([.deleted]), .moves([.deleted]), .moves([.deleted]),
                .alreadyDone,
            ]
        ),
    ]

    private static let states: [ArtifactState?] = [nil] + ArtifactState.allCases.map { $0 }

    private static let cases: [(LifecycleAction, ArtifactState?, Outcome)] = table.flatMap { action, row in
        zip(states, row).map { (action, $0, $1) }
    }

    @Test("The table has a row for each action and a column for each state")
    func complete() {
        #expect(Set(Self.table.map(\.0)) == Set(LifecycleAction.allCases))
        #expect(Self.cases.count == 42)
    }

    @Test("Every action leads from every state where the table says", arguments: cases)
    private func outcome(_ action: LifecycleAction, _ state: ArtifactState?, _ expected: Outcome) {
        #expect(Lifecycle.outcome(of: action, in: state) == expected)
    }

    @Test("Whatever an action passes through, each of its steps is a legal edge", arguments: cases)
    private func steps(_ action: LifecycleAction, _ state: ArtifactState?, _ expected: Outcome) {
        guard case .moves(let steps) = expected else { return }
        var state = state
        for step in steps {
            #expect(Lifecycle.allows(step, after: state))
            state = step
        }
    }

    @Test("Trust follows quarantine or trust, never a short cut")
    func noShortCut() {
        let before = Self.states.filter { Lifecycle.allows(.trusted, after: $0) }
        #expect(before == [.quarantined, .trusted])
    }

    @Test("What was deleted can only be pushed again, and has to earn trust anew")
    func deleted() {
        #expect(ArtifactState.allCases.filter { Lifecycle.allows($0, after: .deleted) } == [.acquired])
        let ways = LifecycleAction.allCases.filter { action in
            if case .moves = Lifecycle.outcome(of: action, in: .deleted) { true } else { false }
        }
        #expect(ways == [.push])
    }

    @Test("Bytes are kept in every state but deleted")
    func keepsBytes() {
        #expect(ArtifactState.allCases.filter { !$0.keepsBytes } == [.deleted])
    }
}

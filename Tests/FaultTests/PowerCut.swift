import FileTestSupport
import Testing

/// A power cut that comes while clients work, after a number of answers.
///
/// The server outlives its disk by a moment. What it says then nobody would have heard, so it is no acknowledgement:
/// the sync that it trusts may have been overtaken by the cut.
final class PowerCut: Sendable {
    private static let clients = 4
    private static let stepsMax = 100

    private let limit: Int
    private let disk: CuttableDisk
    private let count = SharedCount()
    private let power = Shared(true)

    /// - Parameter limit: so many answers are heard before.
    init(of disk: CuttableDisk, after limit: Int) {
        self.disk = disk
        self.limit = limit
    }

    /// A disk that is not full after so many rounds.
    static func diskBytes(rounds: Int) -> Int { (160 + 2 * rounds) << 20 }

    /// The numbers of what clients work on in a round: no other round has them.
    static func numbers(ofRound round: Int) -> Range<Int> {
        let count = clients * stepsMax
        return round * count..<(round + 1) * count
    }

    /// Works from several clients at once until the power goes.
    ///
    /// - Parameter work: works on what has a number; `false` ends the client.
    func comes(inRound round: Int, _ work: @escaping @Sendable (_ number: Int) async throws -> Bool) async throws {
        let numbers = Self.numbers(ofRound: round)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<Self.clients {
                group.addTask {
                    for number in numbers.dropFirst(client * Self.stepsMax).prefix(Self.stepsMax) {
                        guard try await work(number) else { return }
                    }
                }
            }
            if limit == 0 { try cut() }
            try await group.waitForAll()
        }
        // Clients that were all refused would prove nothing.
        #expect(!power.value, "the power did not go")
    }

    /// An answer came.
    ///
    /// - Parameter note: remembers what it acknowledges.
    /// - Returns: `false`, with nothing remembered, when nobody heard it.
    func hear(_ note: () -> Void) throws -> Bool {
        guard power.value else { return false }
        note()
        if count.add(1) == limit { try cut() }
        return true
    }

    private func cut() throws {
        power.change { $0 = false }
        do { try disk.cutPower() } catch {
            // Clients take no notice of what ends them.
            Issue.record(error)
            throw error
        }
    }
}

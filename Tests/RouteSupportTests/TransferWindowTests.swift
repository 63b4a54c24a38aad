import RouteSupport
import Testing

@Suite("Transfer windows")
struct TransferWindowTests {
    private let second: UInt64 = 1_000_000_000

    @Test("A kilobyte a second is enough, and less is not")
    func rate() {
        let window = TransferWindow(at: 5, moved: 1_000, waiting: 10_000_000)
        #expect(window.isEnough(moved: 1_000 + 30 * 1_024, waited: 30 * second))
        #expect(!window.isEnough(moved: 1_000 + 30 * 1_024 - 1, waited: 30 * second))
        #expect(!window.isEnough(moved: 1_000, waited: second))
    }

    @Test("Nothing is owed for time in which it was not the client's turn")
    func turn() {
        let window = TransferWindow(at: 0, moved: 0)
        #expect(window.isEnough(moved: 0, waited: 0))
        #expect(window.isEnough(moved: 1_024, waited: second))
        #expect(!window.isEnough(moved: 1_023, waited: second))
    }

    @Test("Who took everything that waited has done enough, however little it was")
    func little() {
        let window = TransferWindow(at: 0, moved: 50, waiting: 100)
        #expect(window.isEnough(moved: 150, waited: 30 * second))
        #expect(!window.isEnough(moved: 149, waited: 30 * second))
    }

    @Test("No number traps", arguments: [0, 1, UInt64.max / 2, UInt64.max] as [UInt64])
    func extremes(number: UInt64) {
        for other in [0, 1, UInt64.max] as [UInt64] {
            let window = TransferWindow(at: number, moved: other, waiting: number)
            _ = window.elapsed(at: other)
            _ = window.isEnough(moved: number, waited: other)
        }
        #expect(TransferWindow(at: number, moved: number).elapsed(at: 0) == 0)
    }
}

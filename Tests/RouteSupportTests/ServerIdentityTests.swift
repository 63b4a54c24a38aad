import RouteSupport
import Testing

@Suite("Certificates") struct ServerIdentityTests {
    private static let day: Int64 = 86_400

    @Test(
        "A certificate is due to be renewed two weeks before its end, and a short one in the last third of its life",
        arguments: [(365, 351), (90, 76), (42, 28), (6, 4), (0, 0), (-5, -5)])
    func renewal(days: Int64, due: Int64) {
        let start: Int64 = 1_800_000_000
        let found = ServerIdentity.renewalDue(from: start, to: start + days * Self.day)
        #expect(found == start + due * Self.day)
    }

    @Test("Times of which no difference can be told are no fault")
    func extremes() {
        #expect(ServerIdentity.renewalDue(from: .min, to: .max) == .max - 14 * Self.day)
    }
}

import OCI
import RegistryCore
import RegistryServices
import RegistryTesting
import Testing

@Suite("Manifests that were put a moment ago")
struct LatelyPutTests {
    private static let start = Timestamp(clamping: 1_000_000_000_000)
    private static let later = Timestamp(clamping: 1_000_000_000_000 + RetentionRules.secondsMin * 1_000)

    private func digest(_ number: Int) throws -> Digest { try Digest(hashing: Array("\(number)".utf8)) }

    @Test("A repository with too many is forgotten as a whole, and no other with it")
    func bound() throws {
        let memory = LatelyPut(repositoryMax: 3)
        let (busy, calm) = (try TestRegistry.repository("busy"), try TestRegistry.repository("calm"))
        try memory.note(digest(0), in: calm, at: Self.start)
        for number in 0..<3 { try memory.note(digest(number), in: busy, at: Self.start) }
        // Once more is no more.
        try memory.note(digest(0), in: busy, at: Self.start)
        #expect(try !memory.has(digest(9), in: busy, at: Self.start))
        try memory.note(digest(3), in: busy, at: Self.start)
        #expect(try memory.has(digest(9), in: busy, at: Self.start))
        #expect(try memory.has(digest(0), in: calm, at: Self.start))
        #expect(try !memory.has(digest(9), in: calm, at: Self.start))
        #expect(try !memory.has(digest(3), in: busy, at: Self.later))
    }

    @Test("Where all together are too many the busiest repositories are forgotten")
    func total() throws {
        let memory = LatelyPut(repositoryMax: 100, totalMax: 20)
        let (busy, calm) = (try TestRegistry.repository("busy"), try TestRegistry.repository("calm"))
        try memory.note(digest(0), in: calm, at: Self.start)
        for number in 0..<20 { try memory.note(digest(number), in: busy, at: Self.start) }
        #expect(try memory.has(digest(99), in: busy, at: Self.start))
        #expect(try memory.has(digest(0), in: calm, at: Self.start))
        #expect(try !memory.has(digest(99), in: calm, at: Self.start))
    }

    @Test("Where there are too many repositories all counts as put for the time")
    func manyRepositories() throws {
        let memory = LatelyPut(totalMax: 20)
        for number in 0..<40 {
            try memory.note(digest(number), in: TestRegistry.repository("r\(number)"), at: Self.start)
        }
        #expect(try memory.has(digest(0), in: TestRegistry.repository("r0"), at: Self.start))
        #expect(try memory.has(digest(99), in: TestRegistry.repository("other"), at: Self.start))
        #expect(try !memory.has(digest(99), in: TestRegistry.repository("other"), at: Self.later))
    }
}

import Glibc
import LinuxFiles
import Testing

@Suite("Limit of descriptors")
struct DescriptorLimitTests {
    @Test("The soft limit becomes the hard one, and raising it again changes nothing")
    func raise() throws {
        let before = try Self.limits()
        // One less is enough to see it raised, and takes nothing from the tests beside this one.
        var lowered = rlimit(rlim_cur: before.rlim_max - 1, rlim_max: before.rlim_max)
        try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &lowered) == 0)
        #expect(try DescriptorLimit.raise() == Int(clamping: before.rlim_max))
        #expect(try Self.limits().rlim_cur == before.rlim_max)
        #expect(try DescriptorLimit.raise() == Int(clamping: before.rlim_max))
        #expect(try Self.limits().rlim_max == before.rlim_max)
    }

    private static func limits() throws -> rlimit {
        var limits = rlimit()
        try #require(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0)
        return limits
    }
}

import FileTestSupport
import ServerFixture
import Testing

@Suite("What fault tests need")
struct RequirementTests {
    @Test(
        "Nothing is left out in continuous integration",
        .enabled(if: BuiltPrograms.isContinuousIntegration, "elsewhere tests that need more than there is are skipped"))
    func disks() {
        #expect(CuttableDisk.isPossible, "root, /sbin/mkfs.ext4 and a loop device are needed")
    }
}

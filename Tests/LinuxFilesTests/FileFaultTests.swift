import Glibc
import LinuxFiles
import Testing

@Suite("What an errno means")
struct FileFaultTests {
    @Test(
        "Each errno that callers act on has its kind",
        arguments: [
            (ENOSPC, FileFault.Kind.noSpace), (EDQUOT, .noSpace), (EIO, .deviceFailure), (ENOENT, .notFound),
            (EEXIST, .exists), (ELOOP, .escapes), (EXDEV, .escapes), (EACCES, .permission), (EPERM, .permission),
            (EROFS, .readOnlyFileSystem), (EMFILE, .exhausted), (ENOSYS, .unsupported), (ENOTEMPTY, .notEmpty),
            (EAGAIN, .busy), (EBADF, .closed), (ENAMETOOLONG, .invalidName), (EINVAL, .other),
            (EMLINK, .tooManyLinks), (EFBIG, .limitExceeded),
        ])
    func classifies(code: Int32, kind: FileFault.Kind) {
        #expect(FileFault(.write, code: code).kind == kind)
    }

    @Test("Whatever fsync fails with is a failed sync", arguments: [EIO, ENOSPC, EDQUOT, EROFS, EINVAL])
    func syncFailures(code: Int32) {
        #expect(FileFault(.sync, code: code).kind == .syncFailed)
    }
}

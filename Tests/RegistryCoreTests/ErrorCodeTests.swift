import RegistryCore
import Testing

@Suite("Error codes")
struct ErrorCodeTests {
    @Test("Every code has a status of RFC 9110 that says error", arguments: ErrorCode.allCases)
    func httpStatus(code: ErrorCode) {
        #expect((400...599).contains(code.httpStatus))
    }

    @Test("Every code has an exit status that says which kind of failure", arguments: ErrorCode.allCases)
    func exitStatus(code: ErrorCode) {
        #expect((10...13).contains(code.exitStatus) || (64...78).contains(code.exitStatus))
    }

    @Test("Every code explains itself in a sentence", arguments: ErrorCode.allCases)
    func meaning(code: ErrorCode) {
        #expect(code.meaning.hasSuffix("."))
        #expect(code.meaning.first?.isUppercase == true || code.meaning.first == "`")
    }

    @Test("A code is a stable lower-case name", arguments: ErrorCode.allCases)
    func rawValue(code: ErrorCode) {
        #expect(code.rawValue.utf8.allSatisfy { $0 == UInt8(ascii: "_") || (97...122).contains($0) })
    }

    @Test("No two codes mean the same")
    func distinct() {
        #expect(Set(ErrorCode.allCases.map(\.meaning)).count == ErrorCode.allCases.count)
    }

    @Test(
        "What could not be checked is never reported as checked and bad",
        arguments: [ErrorCode.overloaded, .storageUnavailable, .storageFull, .inspectionUndecided, .internalError])
    func undecidedIsNotBad(code: ErrorCode) {
        #expect(code.exitStatus != 11)
    }
}

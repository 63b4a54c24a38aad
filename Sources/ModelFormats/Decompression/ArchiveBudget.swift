/// What one inspection may spend on archives, on compressed data, and on what takes long for its size, at all depths
/// together.
///
/// A reference, since everything inside a file spends from the same budget.
package final class ArchiveBudget {
    private var outputBytesLeft: UInt64
    /// Work that may still be done, in units of about a nanosecond. They stand for time without being measured: the
    /// same file is read as far on every machine.
    package private(set) var workLeft: UInt64
    /// Whether work was asked for that was not left. Nothing left is not enough: what used up the last of it was done,
    /// and nobody was told that anything is missing.
    package private(set) var isWorkRefused = false
    private var memoryBytesLeft: Int
    private var membersLeft: Int
    private var tooDeepCount = 0
    /// Whether something was not decoded for want of budget.
    package private(set) var isExhausted = false

    /// - Parameter workMax: in units of about a nanosecond.
    package init(outputBytesMax: UInt64, workMax: UInt64, memoryBytesMax: Int, membersMax: Int) {
        outputBytesLeft = outputBytesMax
        workLeft = workMax
        memoryBytesLeft = memoryBytesMax
        membersLeft = membersMax
    }

    /// Pays for decoded bytes.
    package func spend(_ bytes: UInt64) throws(FormatFault) {
        guard bytes <= outputBytesLeft else {
            outputBytesLeft = 0
            isExhausted = true
            throw .limitExceeded(.archiveOutputBytes, offset: 0)
        }
        outputBytesLeft -= bytes
    }

    /// Pays for what took long.
    package func spend(work: UInt64) throws(FormatFault) {
        guard work <= workLeft else {
            workLeft = 0
            isWorkRefused = true
            isExhausted = true
            throw .limitExceeded(.work, offset: 0)
        }
        workLeft -= work
    }

    /// Pays for one member.
    package func takeMember() throws(FormatFault) {
        guard membersLeft > 0 else { throw .limitExceeded(.archiveMemberCount, offset: 0) }
        membersLeft -= 1
    }

    /// - Returns: whether this is one of the first archives that lie too deep, which are worth telling.
    package func countTooDeep() -> Bool {
        tooDeepCount += 1
        return tooDeepCount <= 8
    }

    func reserve(memoryBytes: Int) throws(FormatFault) {
        guard memoryBytes <= memoryBytesLeft else { throw .limitExceeded(.archiveMemoryBytes, offset: 0) }
        memoryBytesLeft -= memoryBytes
    }

    func release(memoryBytes: Int) { memoryBytesLeft += memoryBytes }
}

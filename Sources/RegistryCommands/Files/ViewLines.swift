internal import Inspection
internal import Synchronization

/// Cuts what a child writes into lines, and gives up where it writes what no child of ours does.
final class ViewLines: Sendable {
    private let rest = Mutex<[UInt8]>([])
    private let take: @Sendable (ViewLine) -> Bool

    init(_ take: @escaping @Sendable (ViewLine) -> Bool) {
        self.take = take
    }

    /// - Returns: false when nothing more is wanted.
    func add(_ piece: [UInt8]) -> Bool {
        rest.withLock { rest in
            rest += piece
            var start = 0
            while let end = rest[start...].firstIndex(of: 0x0A) {
                guard let line = ViewLine(parsing: rest[start..<end]), take(line) else { return false }
                start = end + 1
            }
            rest.removeFirst(start)
            return rest.count <= FileView.lineBytesMax
        }
    }
}

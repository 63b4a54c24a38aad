internal import Synchronization

/// Collects lines of a result and writes many of them at a time.
final class OutputBuffer: Sendable {
    private let console: Console
    private let bytes = Mutex<[UInt8]>([])

    private static let bytesMax = 64 << 10

    init(_ console: Console) {
        self.console = console
    }

    /// Writes text as it is. Text from elsewhere must have been neutralised.
    func write(_ text: String) {
        let full = bytes.withLock { bytes -> [UInt8]? in
            bytes.append(contentsOf: text.utf8)
            guard bytes.count >= Self.bytesMax else { return nil }
            defer { bytes.removeAll(keepingCapacity: true) }
            return bytes
        }
        if let full { console.write(bytes: full) }
    }

    /// Writes what is left.
    func flush() {
        let rest = bytes.withLock { bytes in
            defer { bytes = [] }
            return bytes
        }
        if !rest.isEmpty { console.write(bytes: rest) }
    }
}

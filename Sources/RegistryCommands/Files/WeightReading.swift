internal import LinuxFiles
internal import ModelFormats

/// Statistics of the tensors of a file, on all processors.
///
/// The table comes from the inspection, and every range in it was compared with the file's size. What lies there is not
/// parsed: blocks of known sizes are turned into numbers, whatever they hold. A thread reads a piece at a time, so that
/// memory does not depend on the file.
struct WeightReading: Sendable {
    /// In the order of the file; tensors whose type has no numbers are left out.
    let tensors: [TensorWeights]
    let unread: [TensorEntry]

    private static let pool = BlockingPool(threadsMax: Processors.count, waitingMax: 4_096)
    /// Bytes that are read at a time: they stay in the cache of a core.
    private static let pieceBytes = 256 << 10

    /// - Parameter progress: hears how many bytes of tensors were read.
    init(
        _ file: LocalFile, _ table: TensorTable, progress: @escaping @Sendable (UInt64) -> Void
    ) async throws {
        let (runs, unread) = WeightRun.all(of: table)
        let types = table.entries.map { WeightType(name: $0.typeName) }
        var sums: [Int: WeightSums] = [:]
        var done: UInt64 = 0
        try await SideBySide.inOrder(runs, width: Processors.count * 2, ahead: Processors.count * 4) { run in
            try Task.checkCancellation()
            guard let type = types[run.tensor] else { return Part(run: run, sums: WeightSums()) }
            return Part(run: run, sums: try await Self.read(run, type, file))
        } use: { part in
            sums[part.run.tensor, default: WeightSums()].merge(part.sums)
            done += UInt64(part.run.bytes.count)
            progress(done)
        }
        tensors = table.entries.indices.compactMap { index in
            types[index].map { TensorWeights(table.entries[index], sums[index] ?? WeightSums(), $0) }
        }
        self.unread = unread.map { table.entries[$0] }
    }

    private struct Part: Sendable {
        var run: WeightRun
        var sums: WeightSums
    }

    private static func read(_ run: WeightRun, _ type: WeightType, _ file: LocalFile) async throws -> WeightSums {
        let descriptor = file.descriptor
        do throws(FileFault) {
            return try await pool.run { () throws(FileFault) in try read(run, type, descriptor) }
        } catch {
            throw CommandFailure(error, path: file.path)
        }
    }

    private static func read(
        _ run: WeightRun, _ type: WeightType, _ file: FileDescriptor
    ) throws(FileFault) -> WeightSums {
        let block = type.block.bytes
        let capacity = max(1, pieceBytes / block) * block
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 64)
        defer { buffer.deallocate() }
        let meter = WeightMeter(type)
        if run.hasPrevious {
            let before = UnsafeMutableRawBufferPointer(rebasing: buffer[..<block])
            try fill(before, file, at: run.bytes.lowerBound - UInt64(block))
            meter.begin(after: UnsafeRawBufferPointer(before))
        }
        var offset = run.bytes.lowerBound
        while offset < run.bytes.upperBound {
            let count = Int(min(UInt64(capacity), run.bytes.upperBound - offset))
            let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
            try fill(piece, file, at: offset)
            meter.update(UnsafeRawBufferPointer(piece))
            offset += UInt64(count)
        }
        return meter.finish()
    }

    /// - Throws: `.changed` when the file is shorter than it was.
    private static func fill(
        _ buffer: UnsafeMutableRawBufferPointer, _ file: FileDescriptor, at offset: UInt64
    ) throws(FileFault) {
        guard let start = Int64(exactly: offset), try file.read(into: buffer, at: start) == buffer.count else {
            throw FileFault(.read, .changed)
        }
    }
}

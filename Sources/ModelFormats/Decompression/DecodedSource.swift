/// A large decoded content. What lies ahead is decoded when it is read; what lies far behind, from the front again, and
/// paid for again.
final class DecodedSource: ByteSource {
    static let windowBytes = ByteReader.windowBytesMax

    let sizeBytes: UInt64
    let isSequential = true
    /// Was made while the size was found out: one pass less.
    let survey: TextSurvey
    private let stream: DecodedStream
    private let edges: ContentEdges
    /// The bytes that were decoded last, and those before them: a reader of its own window and one that goes back to
    /// where that begins take turns.
    private var window: [UInt8]
    private var before: [UInt8]
    private var beforeCount = 0
    private var windowStart: UInt64 = 0
    private var windowCount = 0

    /// - Parameter stream: has been read to its end.
    init(_ stream: DecodedStream, _ edges: ContentEdges, survey: TextSurvey) {
        self.survey = survey
        self.stream = stream
        self.edges = edges
        sizeBytes = stream.outputBytes
        window = [UInt8](repeating: 0, count: Self.windowBytes)
        before = window
        windowStart = stream.outputBytes
    }

    func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(ByteSourceFault) -> Int {
        guard offset < sizeBytes else { return 0 }
        let wanted = Int(min(UInt64(buffer.count), sizeBytes - offset))
        var done = 0
        while done < wanted {
            let place = offset + UInt64(done)
            let piece = try piece(at: place)
            let count = min(piece.count, wanted - done)
            guard count > 0 else { break }
            UnsafeMutableRawBufferPointer(rebasing: buffer[done...]).copyBytes(from: piece.prefix(count))
            done += count
        }
        return done
    }

    /// Decoded bytes from `offset` on, at least one.
    private func piece(at offset: UInt64) throws(ByteSourceFault) -> ArraySlice<UInt8> {
        if offset < UInt64(edges.head.count) { return edges.head[Int(offset)...] }
        let tailStart = sizeBytes - UInt64(edges.tail.count)
        if offset >= tailStart { return edges.tail[Int(offset - tailStart)...] }
        try advance(to: offset)
        if offset < windowStart {
            return before[Int(offset + UInt64(beforeCount) - windowStart)..<beforeCount]
        }
        return window[Int(offset - windowStart)..<windowCount]
    }

    private func advance(to offset: UInt64) throws(ByteSourceFault) {
        if offset + UInt64(beforeCount) < windowStart {
            stream.rewind()
            windowStart = 0
            windowCount = 0
            beforeCount = 0
        }
        while offset >= windowStart + UInt64(windowCount) {
            windowStart += UInt64(windowCount)
            swap(&window, &before)
            beforeCount = windowCount
            windowCount = 0
            do throws(FormatFault) {
                windowCount = try stream.read(into: &window)
            } catch {
                throw ByteSourceFault(offset: offset, code: 0)
            }
            // The compressed bytes changed since they were read for the first time.
            guard windowCount > 0 else { throw ByteSourceFault(offset: offset, code: 0) }
        }
    }
}

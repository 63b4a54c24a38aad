import CCompression

/// Deflate, zlib and gzip streams by zlib, which checks the sums of the latter two.
final class Inflater: StreamDecoder {
    // zlib keeps the address of the structure and refuses another one.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let isReady: Bool

    /// - Parameter windowBits: as `inflateInit2` takes them: -15 for deflate, 15 for zlib, 31 for gzip.
    init(windowBits: Int32) {
        stream.initialize(to: z_stream())
        isReady = inflateInit2_(stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    }

    deinit {
        if isReady { inflateEnd(stream) }
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    func restart() {
        if isReady { inflateReset(stream) }
    }

    func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> DecoderStep {
        guard isReady else { return DecoderStep(consumed: 0, produced: 0, state: .tooLarge) }
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        let status = inflate(stream, Z_NO_FLUSH)
        let state: DecoderStep.State =
            switch status {
            case Z_OK, Z_BUF_ERROR: .running
            case Z_STREAM_END: .ended
            case Z_MEM_ERROR: .tooLarge
            default: .damaged
            }
        return DecoderStep(
            consumed: input.count - Int(stream.pointee.avail_in),
            produced: output.count - Int(stream.pointee.avail_out), state: state)
    }
}

import CCompression

/// xz streams by liblzma, which checks their sums.
final class XZDecoder: StreamDecoder {
    private let stream = UnsafeMutablePointer<lzma_stream>.allocate(capacity: 1)
    private let memoryBytesMax: UInt64
    private var isReady: Bool

    init(memoryBytesMax: UInt64) {
        self.memoryBytesMax = memoryBytesMax
        stream.initialize(to: lzma_stream())
        isReady = lzma_stream_decoder(stream, memoryBytesMax, 0) == LZMA_OK
    }

    deinit {
        lzma_end(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    /// liblzma reuses the memory of the stream before.
    func restart() {
        isReady = lzma_stream_decoder(stream, memoryBytesMax, 0) == LZMA_OK
    }

    func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> DecoderStep {
        guard isReady else { return DecoderStep(consumed: 0, produced: 0, state: .tooLarge) }
        stream.pointee.next_in = input.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_in = input.count
        stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = output.count
        let status = lzma_code(stream, LZMA_RUN)
        let state: DecoderStep.State =
            switch status {
            case LZMA_OK, LZMA_BUF_ERROR: .running
            case LZMA_STREAM_END: .ended
            case LZMA_MEM_ERROR, LZMA_MEMLIMIT_ERROR: .tooLarge
            default: .damaged
            }
        return DecoderStep(
            consumed: input.count - stream.pointee.avail_in, produced: output.count - stream.pointee.avail_out,
            state: state)
    }
}

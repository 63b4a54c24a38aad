import CCompression

/// bzip2 streams by libbz2, which checks their sums.
final class Bzip2Decoder: StreamDecoder {
    // libbz2 keeps the address of the structure and refuses another one.
    private let stream = UnsafeMutablePointer<bz_stream>.allocate(capacity: 1)
    private var isReady: Bool

    init() {
        stream.initialize(to: bz_stream())
        isReady = BZ2_bzDecompressInit(stream, 0, 0) == BZ_OK
    }

    deinit {
        if isReady { BZ2_bzDecompressEnd(stream) }
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    func restart() {
        if isReady { BZ2_bzDecompressEnd(stream) }
        stream.pointee = bz_stream()
        isReady = BZ2_bzDecompressInit(stream, 0, 0) == BZ_OK
    }

    func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> DecoderStep {
        guard isReady else { return DecoderStep(consumed: 0, produced: 0, state: .tooLarge) }
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: CChar.self).baseAddress)
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.bindMemory(to: CChar.self).baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        let status = BZ2_bzDecompress(stream)
        let state: DecoderStep.State =
            switch status {
            case BZ_OK: .running
            case BZ_STREAM_END: .ended
            case BZ_MEM_ERROR: .tooLarge
            default: .damaged
            }
        return DecoderStep(
            consumed: input.count - Int(stream.pointee.avail_in),
            produced: output.count - Int(stream.pointee.avail_out), state: state)
    }
}

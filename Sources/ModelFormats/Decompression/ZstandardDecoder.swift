import CCompression

/// Zstandard frames by libzstd, which checks their sums where they have one.
final class ZstandardDecoder: StreamDecoder {
    private let stream: OpaquePointer?

    /// - Parameter windowBitsMax: frames that look back further than two to its power are refused.
    init(windowBitsMax: Int32) {
        stream = ZSTD_createDStream()
        if let stream { _ = ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, windowBitsMax) }
    }

    deinit { ZSTD_freeDStream(stream) }

    func restart() {
        if let stream { _ = ZSTD_DCtx_reset(stream, ZSTD_reset_session_only) }
    }

    func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> DecoderStep {
        guard let stream else { return DecoderStep(consumed: 0, produced: 0, state: .tooLarge) }
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let result = ZSTD_decompressStream(stream, &target, &source)
        return DecoderStep(consumed: source.pos, produced: target.pos, state: Self.state(result))
    }

    private static func state(_ result: Int) -> DecoderStep.State {
        if result == 0 { return .ended }
        guard ZSTD_isError(result) != 0 else { return .running }
        switch ZSTD_getErrorCode(result) {
        case ZSTD_error_frameParameter_windowTooLarge, ZSTD_error_memory_allocation: return .tooLarge
        default: return .damaged
        }
    }
}

import CCompression

/// Compresses by the libraries of the system, in one piece.
enum SlowCompression {
    static func xz(_ bytes: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: lzma_stream_buffer_bound(bytes.count))
        var count = 0
        let status = lzma_easy_buffer_encode(
            1, LZMA_CHECK_CRC64, nil, bytes, bytes.count, &output, &count, output.count)
        return status == LZMA_OK ? Array(output[..<count]) : []
    }

    static func bzip2(_ bytes: [UInt8]) -> [UInt8] {
        var input = bytes.map { CChar(bitPattern: $0) }
        // As much as its manual says is always enough.
        var output = [CChar](repeating: 0, count: bytes.count + bytes.count / 100 + 600)
        var count = UInt32(output.count)
        let status = BZ2_bzBuffToBuffCompress(&output, &count, &input, UInt32(input.count), 9, 0, 0)
        return status == BZ_OK ? output[..<Int(count)].map { UInt8(bitPattern: $0) } : []
    }
}

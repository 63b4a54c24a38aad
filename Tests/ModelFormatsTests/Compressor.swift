import CCompression
import ModelFormats

/// Compresses with the system's libraries, for tests.
enum Compressor {
    static func compress(_ bytes: [UInt8], _ compression: Compression) -> [UInt8] {
        switch compression {
        case .deflate: zlib(bytes, windowBits: -15)
        case .zlib: zlib(bytes, windowBits: 15)
        case .gzip: zlib(bytes, windowBits: 31)
        case .bzip2: bzip2(bytes)
        case .xz: xz(bytes)
        case .zstandard: zstandard(bytes)
        }
    }

    private static func zlib(_ bytes: [UInt8], windowBits: Int32) -> [UInt8] {
        var stream = z_stream()
        deflateInit2_(
            &stream, 9, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        defer { deflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
        let count = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                deflate(&stream, Z_FINISH)
                return output.count - Int(stream.avail_out)
            }
        }
        return Array(output[..<count])
    }

    private static func bzip2(_ bytes: [UInt8]) -> [UInt8] {
        var input = bytes.map { CChar(bitPattern: $0) }
        var output = [CChar](repeating: 0, count: bytes.count + bytes.count / 100 + 700)
        var count = UInt32(output.count)
        BZ2_bzBuffToBuffCompress(&output, &count, &input, UInt32(input.count), 9, 0, 0)
        return output[..<Int(count)].map { UInt8(bitPattern: $0) }
    }

    private static func xz(_ bytes: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: lzma_stream_buffer_bound(bytes.count))
        var count = 0
        let status = lzma_easy_buffer_encode(
            6, LZMA_CHECK_CRC64, nil, bytes, bytes.count, &output, &count, output.count)
        return status == LZMA_OK ? Array(output[..<count]) : []
    }

    private static func zstandard(_ bytes: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
        let count = ZSTD_compress(&output, output.count, bytes, bytes.count, 3)
        return ZSTD_isError(count) == 0 ? Array(output[..<count]) : []
    }

    static func crc32(_ bytes: [UInt8]) -> UInt32 {
        UInt32(truncatingIfNeeded: CCompression.crc32_z(0, bytes, bytes.count))
    }
}

extension ByteSource {
    /// Reads `count` bytes that must be there.
    ///
    /// - Parameter count: has been compared with a limit.
    /// - Throws: `.truncated` if the source ends first: it is shorter than its own size says.
    package func bytes(at offset: UInt64, count: Int) throws(FormatFault) -> [UInt8] {
        var chunk = [UInt8](repeating: 0, count: count)
        let filled = try fill(&chunk, count: count, at: offset)
        guard filled == count else { throw .truncated(offset: offset + UInt64(filled)) }
        return chunk
    }

    /// Reads into the first `count` bytes of `buffer` until they are full or the source ends.
    ///
    /// - Returns: how many bytes were read.
    func fill(_ buffer: inout [UInt8], count: Int, at offset: UInt64) throws(FormatFault) -> Int {
        var filled = 0
        while filled < count {
            let result = buffer.withUnsafeMutableBytes { bytes -> Result<Int, ByteSourceFault> in
                let target = UnsafeMutableRawBufferPointer(rebasing: bytes[filled..<count])
                do throws(ByteSourceFault) {
                    return .success(try read(at: offset + UInt64(filled), into: target))
                } catch {
                    return .failure(error)
                }
            }
            switch result {
            case .failure(let fault): throw .unreadable(fault)
            case .success(let got):
                guard got > 0, got <= count - filled else { return filled }
                filled += got
            }
        }
        return filled
    }
}

extension Span<UInt8> {
    private static var highBits: UInt64 { 0x8080_8080_8080_8080 }

    /// Eight bytes in the order of the processor. They must be there.
    private func word(at index: Int) -> UInt64 {
        bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
    }

    /// Bytes from `start` on that are ASCII, counted in eights: there may be up to seven more.
    func asciiPrefix(from start: Int) -> Int {
        var index = start
        while count - index >= 8, word(at: index) & Self.highBits == 0 { index += 8 }
        return index - start
    }

    /// Bytes from `start` on that are printable ASCII (0x20 to 0x7E), counted in eights: there may be up to seven more.
    func printablePrefix(from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var index = start
        while count - index >= 8 {
            let word = word(at: index)
            // The highest bit of a byte is set if it was, if the byte is below 0x20, or if it is 0x7F. A borrow or
            // carry from one of those may set another's, too.
            guard (word | word &- 0x20 &* ones | word &+ ones) & Self.highBits == 0 else { break }
            index += 8
        }
        return index - start
    }
}

/// The one-time authenticator Poly1305 (RFC 8439 section 2.5), in limbs of 26 bits.
enum Poly1305 {
    static let tagBytes = 16
    private static let mask: UInt64 = 0x3FF_FFFF

    /// - Parameter key: 32 bytes, for this message alone.
    static func tag(of message: [UInt8], key: [UInt8]) -> [UInt8] {
        guard key.count == 32 else { return [] }
        var clamped = Array(key[0..<16])
        for index in [3, 7, 11, 15] { clamped[index] &= 0x0F }
        for index in [4, 8, 12] { clamped[index] &= 0xFC }
        let r = limbs(clamped[...], top: 0)
        var h: [UInt64] = [0, 0, 0, 0, 0]
        for start in stride(from: 0, to: message.count, by: tagBytes) {
            let block = message[start..<min(start + tagBytes, message.count)]
            // A 1 behind the last byte, whole block or not.
            let addend = limbs(block, top: 1)
            for index in 0..<5 { h[index] &+= addend[index] }
            h = product(h, r)
        }
        return sum(reduced(h), key[16..<32])
    }

    /// Up to 16 bytes, little-endian, with `top` as the byte behind them.
    private static func limbs(_ bytes: ArraySlice<UInt8>, top: UInt8) -> [UInt64] {
        var padded = Array(bytes) + [top]
        padded += [UInt8](repeating: 0, count: 20 - padded.count)
        func word(_ start: Int) -> UInt64 {
            padded[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        return [
            word(0) & mask, word(3) >> 2 & mask, word(6) >> 4 & mask, word(9) >> 6 & mask,
            word(13) & mask,
        ]
    }

    /// Modulo 2¹³⁰ − 5, not fully reduced. Limbs of both are below 2²⁷ and 2²⁶, so that no sum overflows.
    private static func product(_ a: [UInt64], _ b: [UInt64]) -> [UInt64] {
        var d = [UInt64](repeating: 0, count: 5)
        for i in 0..<5 {
            for j in 0..<5 {
                // 2¹³⁰ is 5.
                d[(i + j) % 5] &+= a[i] &* b[j] &* (i + j >= 5 ? 5 : 1)
            }
        }
        return carried(d)
    }

    private static func carried(_ limbs: [UInt64]) -> [UInt64] {
        var limbs = limbs
        for _ in 0..<2 {
            for index in 0..<5 {
                let carry = limbs[index] >> 26
                limbs[index] &= mask
                limbs[(index + 1) % 5] &+= carry &* (index == 4 ? 5 : 1)
            }
        }
        return limbs
    }

    /// Below 2¹³⁰ − 5.
    private static func reduced(_ value: [UInt64]) -> [UInt64] {
        let h = carried(value)
        // With 5 more, what is not below the modulus overflows 130 bits.
        var g = h
        g[0] &+= 5
        for index in 0..<4 {
            g[index + 1] &+= g[index] >> 26
            g[index] &= mask
        }
        let isLarge = UInt64(0) &- (g[4] >> 26)
        g[4] &= mask
        return zip(h, g).map { $0 & ~isLarge | $1 & isLarge }
    }

    /// Modulo 2¹²⁸, in bytes.
    private static func sum(_ h: [UInt64], _ pad: ArraySlice<UInt8>) -> [UInt8] {
        let low = h[0] | h[1] << 26 | h[2] << 52
        let high = h[2] >> 12 | h[3] << 14 | h[4] << 40
        func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
        let (first, overflow) = low.addingReportingOverflow(word(pad.prefix(8)))
        let second = high &+ word(pad.suffix(8)) &+ (overflow ? 1 : 0)
        return [first, second].flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
    }
}

import TransparencyLog

func bytes(hex: String) -> [UInt8] {
    let digits = Array(hex)
    return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
}

func hash(_ hex: String) -> LogHash {
    LogHash(bytes(hex: hex)) ?? MerkleHashing.emptyRoot
}

extension Array<UInt8> {
    /// The same bytes with one bit changed.
    func flipping(bit: Int) -> [UInt8] {
        var changed = self
        changed[bit / 8] ^= 1 << UInt8(bit % 8)
        return changed
    }
}

extension LogHash {
    func flipping(bit: Int) -> LogHash {
        LogHash(bytes.flipping(bit: bit)) ?? self
    }
}

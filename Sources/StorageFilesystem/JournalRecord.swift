import LinuxFiles
import OCI

import struct Crypto.SHA256

/// A small blob as the journal holds it, little-endian:
///
/// | bytes | |
/// |---|---|
/// | 8 | `pratBLB1` |
/// | 8 | the round of the segment that it was written in |
/// | 4 | the length of the blob |
/// | 1 | 1 for SHA-256, 2 for SHA-512 |
/// | 1 | the length of the receipt |
/// | 2 | 0 |
/// | 64 | the digest, filled up with zeros |
/// | 64 | the receipt, filled up with zeros |
/// | 16 | the first bytes of the SHA-256 of all these |
/// | | the blob, filled up with zeros to a multiple of 8 |
struct JournalRecord {
    static let headerBytes = 168
    private static let checkedBytes = 152
    private static let magic = Array("pratBLB1".utf8)
    private static let fieldBytes = 64

    let round: UInt64
    let digest: Digest
    let receipt: [UInt8]?
    let bytes: [UInt8]

    /// What a blob of `count` bytes takes up.
    static func length(of count: Int) -> Int { headerBytes + (count + 7) & ~7 }

    /// What stands before the blob.
    ///
    /// - Returns: `nil` for a receipt that is no receipt of ours.
    var header: [UInt8]? {
        let receipt = receipt ?? []
        guard receipt.count <= Self.fieldBytes, let count = UInt32(exactly: bytes.count) else { return nil }
        var header = Self.magic
        header.reserveCapacity(Self.headerBytes)
        withUnsafeBytes(of: round.littleEndian) { header += $0 }
        withUnsafeBytes(of: count.littleEndian) { header += $0 }
        header += [digest.algorithm == .sha512 ? 2 : 1, UInt8(receipt.count), 0, 0]
        for field in [digest.bytes, receipt] {
            header += field
            header += repeatElement(0, count: Self.fieldBytes - field.count)
        }
        header += SHA256.hash(data: header).prefix(Self.headerBytes - Self.checkedBytes)
        return header
    }

    /// Goes through the records of a segment from its beginning on, up to where writing stopped: what follows is torn,
    /// or left of an earlier round.
    static func each(
        in segment: FileDescriptor, bytesMax: Int64, _ body: (JournalRecord) throws(FileFault) -> Void
    ) throws(FileFault) {
        let bytes = try segment.read(0..<min(bytesMax, segment.identity().size))
        var offset = 0
        var round: UInt64?
        while let record = JournalRecord(at: offset, in: bytes), record.round == round ?? record.round {
            try body(record)
            round = record.round
            offset += length(of: record.bytes.count)
        }
    }

    init(round: UInt64, digest: Digest, receipt: [UInt8]?, bytes: [UInt8]) {
        self.round = round
        self.digest = digest
        self.receipt = receipt
        self.bytes = bytes
    }

    /// - Returns: `nil` unless all of a record is there, and its blob is what it says.
    private init?(at offset: Int, in segment: [UInt8]) {
        let end = offset + Self.headerBytes
        guard end <= segment.count else { return nil }
        let header = segment[offset..<end]
        let checked = header.prefix(Self.checkedBytes)
        guard header.starts(with: Self.magic),
            header.suffix(Self.headerBytes - Self.checkedBytes).elementsEqual(
                SHA256.hash(data: checked).prefix(Self.headerBytes - Self.checkedBytes))
        else { return nil }
        round = Self.number(header[(offset + 8)..<(offset + 16)])
        let count = Int(Self.number(header[(offset + 16)..<(offset + 20)]))
        let algorithm: Digest.Algorithm = header[offset + 20] == 2 ? .sha512 : .sha256
        let receiptCount = Int(header[offset + 21])
        let fields = offset + 24
        guard receiptCount <= Self.fieldBytes, count <= segment.count - end,
            let digest = try? Digest(algorithm, bytes: Array(header[fields..<(fields + algorithm.byteCount)]))
        else { return nil }
        self.digest = digest
        let receipts = fields + Self.fieldBytes
        receipt = receiptCount == 0 ? nil : Array(header[receipts..<(receipts + receiptCount)])
        bytes = Array(segment[end..<(end + count)])
        var hash = RunningHash(HashAlgorithm(algorithm))
        hash.update(bytes)
        guard hash.digest() == digest.bytes else { return nil }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}

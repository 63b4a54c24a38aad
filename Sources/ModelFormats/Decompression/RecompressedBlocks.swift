import CCompression

/// What a slow decoder gave, in blocks that a fast one reads: whoever reads it once more does not pay for the slow one
/// again.
///
/// Bombs are small in this form, too. What does not fit is given up, and has to be decoded from the front again.
final class RecompressedBlocks {
    /// Bytes of the content in each block but the last.
    static let blockBytes = DecodedSource.windowBytes
    /// Memory that the blocks of one content may take.
    private static let memoryBytesMax = 24 << 20
    /// The fastest that still makes texts small.
    private static let level: Int32 = 1

    private let budget: ArchiveBudget
    private let context: OpaquePointer?
    private var room: [UInt8]
    private var blocks: [[UInt8]] = []
    private var memoryBytes = 0
    private(set) var sizeBytes: UInt64 = 0
    /// Whether everything is here.
    private(set) var isWhole: Bool

    init(budget: ArchiveBudget) {
        self.budget = budget
        context = ZSTD_createCCtx()
        isWhole = context != nil
        room = [UInt8](repeating: 0, count: ZSTD_compressBound(Self.blockBytes))
    }

    deinit {
        ZSTD_freeCCtx(context)
        budget.release(memoryBytes: memoryBytes)
    }

    var count: Int { blocks.count }

    /// Takes the next block, which is whole unless it is the last.
    func append(_ content: ArraySlice<UInt8>) {
        guard isWhole, !content.isEmpty else { return }
        let size = content.withUnsafeBytes { content in
            room.withUnsafeMutableBytes { room in
                ZSTD_compressCCtx(
                    context, room.baseAddress, room.count, content.baseAddress, content.count, Self.level)
            }
        }
        guard ZSTD_isError(size) == 0, size <= room.count, reserve(size) else { return giveUp() }
        blocks.append(Array(room[..<size]))
        sizeBytes += UInt64(content.count)
    }

    private func reserve(_ bytes: Int) -> Bool {
        guard bytes <= Self.memoryBytesMax - memoryBytes, (try? budget.reserve(memoryBytes: bytes)) != nil else {
            return false
        }
        memoryBytes += bytes
        return true
    }

    private func giveUp() {
        isWhole = false
        blocks = []
        budget.release(memoryBytes: memoryBytes)
        memoryBytes = 0
    }

    /// Decodes a block into `window`.
    ///
    /// - Returns: how many bytes it has; `nil` if memory does not hold what was put there, or the budget does not pay.
    func decode(_ index: Int, into window: inout [UInt8], _ decoder: OpaquePointer?) -> Int? {
        // A fast decoder's share of what a slow one costs.
        guard let decoder, blocks.indices.contains(index),
            (try? budget.spend(UInt64(Self.blockBytes / 4))) != nil
        else { return nil }
        let size = blocks[index].withUnsafeBytes { block in
            window.withUnsafeMutableBytes { window in
                ZSTD_decompressDCtx(decoder, window.baseAddress, window.count, block.baseAddress, block.count)
            }
        }
        return ZSTD_isError(size) == 0 && size <= window.count ? size : nil
    }
}

/// A content in blocks, of which the two that were read last are at hand.
final class RecompressedSource: ByteSource {
    private struct Window {
        var block: Int?
        var bytes: [UInt8]
        var count = 0
    }

    let sizeBytes: UInt64
    private let blocks: RecompressedBlocks
    private let decoder = ZSTD_createDCtx()
    private var latest = Window(bytes: [UInt8](repeating: 0, count: RecompressedBlocks.blockBytes))
    private var before = Window(bytes: [UInt8](repeating: 0, count: RecompressedBlocks.blockBytes))

    /// - Parameter blocks: whole.
    init(_ blocks: RecompressedBlocks) {
        self.blocks = blocks
        sizeBytes = blocks.sizeBytes
    }

    deinit { ZSTD_freeDCtx(decoder) }

    func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(ByteSourceFault) -> Int {
        guard offset < sizeBytes else { return 0 }
        let wanted = Int(min(UInt64(buffer.count), sizeBytes - offset))
        var done = 0
        while done < wanted {
            let piece = try piece(at: offset + UInt64(done))
            let count = min(piece.count, wanted - done)
            UnsafeMutableRawBufferPointer(rebasing: buffer[done...]).copyBytes(from: piece.prefix(count))
            done += count
        }
        return done
    }

    /// Bytes from `offset` on, at least one.
    private func piece(at offset: UInt64) throws(ByteSourceFault) -> ArraySlice<UInt8> {
        let blockBytes = UInt64(RecompressedBlocks.blockBytes)
        let block = Int(offset / blockBytes)
        if latest.block != block {
            swap(&latest, &before)
            if latest.block != block { try load(block, for: offset) }
        }
        let start = Int(offset % blockBytes)
        guard start < latest.count else { throw ByteSourceFault(offset: offset, code: 0) }
        return latest.bytes[start..<latest.count]
    }

    private func load(_ block: Int, for offset: UInt64) throws(ByteSourceFault) {
        latest.block = nil
        guard let count = blocks.decode(block, into: &latest.bytes, decoder) else {
            throw ByteSourceFault(offset: offset, code: 0)
        }
        latest.count = count
        latest.block = block
    }
}

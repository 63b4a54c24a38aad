/// Reads the bytes of one tensor, or of a run of whole blocks of it, and keeps what its numbers come to.
///
/// Feed it whole blocks from the first to the last, in pieces of any number. What it keeps can be merged with what
/// other meters keep of other runs.
public final class WeightMeter {
    private let type: WeightType
    private var moments = WeightMoments()
    private var census = ScaleCensus()
    private var wide = WideMoments()
    private let scratch: UnsafeMutablePointer<Float>
    private let scratchCount: Int
    /// The block before the next one.
    private var previous: [UInt8] = []

    public init(_ type: WeightType) {
        self.type = type
        scratchCount = max(MomentSums.runMax, type.block.elements)
        scratch = .allocate(capacity: scratchCount)
        scratch.initialize(repeating: 0, count: scratchCount)
    }

    deinit { scratch.deallocate() }

    /// Says which block lies before the first one, so that a repetition is seen over the edge of a run.
    public func begin(after block: UnsafeRawBufferPointer) {
        previous = block.count == type.block.bytes ? Array(block) : []
    }

    /// - Parameter bytes: whole blocks; bytes behind the last whole block are not looked at.
    public func update(_ bytes: UnsafeRawBufferPointer) {
        let block = type.block
        let blocks = bytes.count / block.bytes
        guard blocks > 0, let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        switch type.decoding {
        case .wide(let decoder): addWide(decoder, start, blocks)
        case .narrow(let decoder):
            addNarrow(decoder, start, blocks, block)
            if let scaled = decoder as? any ScaledDecoder.Type { addScales(scaled, start, blocks, block.bytes) }
        }
    }

    private func addNarrow(
        _ decoder: any BlockDecoder.Type, _ start: UnsafePointer<UInt8>, _ blocks: Int,
        _ block: (elements: Int, bytes: Int)
    ) {
        let perRun = max(1, MomentSums.runMax / block.elements)
        var done = 0
        while done < blocks {
            let count = min(perRun, blocks - done)
            decoder.decode(start + done * block.bytes, blocks: count, into: scratch)
            moments.merge(MomentSums.moments(scratch, count: count * block.elements))
            done += count
        }
    }

    private func addScales(
        _ decoder: any ScaledDecoder.Type, _ start: UnsafePointer<UInt8>, _ blocks: Int, _ blockBytes: Int
    ) {
        previous.withUnsafeBufferPointer { previous in
            decoder.count(start, blocks: blocks, previous: previous.baseAddress, into: &census)
        }
        previous = Array(UnsafeBufferPointer(start: start + (blocks - 1) * blockBytes, count: blockBytes))
    }

    private func addWide(_ decoder: any WideDecoder.Type, _ start: UnsafePointer<UInt8>, _ blocks: Int) {
        for index in 0..<blocks {
            wide.numbers.append(decoder.decode(start, index))
            if wide.numbers.count == MomentSums.runMax { moments.merge(wide.finish()) }
        }
    }

    /// What was read so far.
    public func finish() -> WeightSums {
        if !wide.numbers.isEmpty { moments.merge(wide.finish()) }
        return WeightSums(moments: moments, census: census)
    }
}

/// What the numbers of a tensor, or of a run of it, come to.
public struct WeightSums: Sendable, Hashable {
    public private(set) var moments: WeightMoments
    public private(set) var census: ScaleCensus

    public init() {
        self.init(moments: WeightMoments(), census: ScaleCensus())
    }

    init(moments: WeightMoments, census: ScaleCensus) {
        self.moments = moments
        self.census = census
    }

    /// - Parameter next: a run behind all runs that were merged before, so that the same file gives the same digits.
    public mutating func merge(_ next: WeightSums) {
        moments.merge(next.moments)
        census.merge(next.census)
    }

    /// What the scales of the blocks are; `nil` for types without.
    public func scales(of type: WeightType) -> ScaleSummary? {
        guard case .narrow(let decoder) = type.decoding, let scaled = decoder as? any ScaledDecoder.Type else {
            return nil
        }
        return census.summary { scaled.scale(of: $0) }
    }
}

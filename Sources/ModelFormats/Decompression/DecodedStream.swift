/// Decodes compressed bytes from front to back, and from the front again when asked to.
///
/// Every byte that comes out is paid for, again after each `rewind`.
final class DecodedStream {
    private static let inputBytesMax = 64 << 10
    /// What the beginning of a stream costs: there may be very many that are empty.
    private static let streamCost: UInt64 = 16 << 10

    private let source: any ByteSource
    private let compression: Compression
    private let budget: ArchiveBudget
    private let work: DecodingWork?
    private let decoder: any StreamDecoder
    private var input = [UInt8](repeating: 0, count: 0)
    private var inputIndex = 0
    private var inputCount = 0
    /// The next byte to be decoded.
    private(set) var inputOffset: UInt64 = 0
    private(set) var outputBytes: UInt64 = 0
    /// Nothing more comes.
    private(set) var isFinished = false
    /// Where bytes begin that do not belong to the content.
    private(set) var trailingOffset: UInt64?

    init(_ source: any ByteSource, _ compression: Compression, budget: ArchiveBudget) throws(FormatFault) {
        work = compression.work
        if let work { try budget.spend(work: work.perStream) }
        try budget.reserve(memoryBytes: compression.memoryBytesMax)
        self.source = source
        self.compression = compression
        self.budget = budget
        decoder = compression.decoder()
        input = [UInt8](repeating: 0, count: Int(min(UInt64(Self.inputBytesMax), source.sizeBytes)))
    }

    deinit { budget.release(memoryBytes: compression.memoryBytesMax) }

    func rewind() {
        decoder.restart()
        (inputIndex, inputCount, inputOffset, outputBytes) = (0, 0, 0, 0)
        isFinished = false
        trailingOffset = nil
    }

    /// Fills as much of `output` as the content has.
    ///
    /// - Throws: `.truncated` and `.invalid` with an offset in the compressed bytes, `.limitExceeded` if the budget is
    ///   used up or the stream wants too much memory.
    func read(into output: inout [UInt8]) throws(FormatFault) -> Int {
        var filled = 0
        while filled < output.count, !isFinished {
            if inputIndex == inputCount { try refill() }
            let step = input.withUnsafeBytes { input in
                output.withUnsafeMutableBytes { output in
                    decoder.decode(
                        UnsafeRawBufferPointer(rebasing: input[inputIndex..<inputCount]),
                        into: UnsafeMutableRawBufferPointer(rebasing: output[filled...]))
                }
            }
            inputIndex += step.consumed
            inputOffset += UInt64(step.consumed)
            filled += step.produced
            outputBytes += UInt64(step.produced)
            try pay(step)
            switch step.state {
            case .running:
                guard step.consumed > 0 || step.produced > 0 else { throw .truncated(offset: inputOffset) }
            case .ended: try endStream()
            case .damaged: throw .invalid(.compressedData, offset: inputOffset)
            case .tooLarge: throw .limitExceeded(.archiveMemoryBytes, offset: inputOffset)
            }
        }
        return filled
    }

    private func pay(_ step: DecoderStep) throws(FormatFault) {
        try budget.spend(UInt64(step.produced))
        if let work { try budget.spend(work: work.units(consumed: step.consumed, produced: step.produced)) }
    }

    private func refill() throws(FormatFault) {
        let count = Int(min(UInt64(input.count), source.sizeBytes - inputOffset))
        inputIndex = 0
        inputCount = 0
        guard count > 0 else { return }
        inputCount = try source.fill(&input, count: count, at: inputOffset)
    }

    /// Behind a stream there is the end, another stream, or something that is not ours.
    private func endStream() throws(FormatFault) {
        let remaining = source.sizeBytes - inputOffset
        guard remaining > 0 else {
            isFinished = true
            return
        }
        let start = try source.bytes(at: inputOffset, count: Int(min(6, remaining)))
        guard compression.isConcatenable, compression.isStart(start) else {
            isFinished = true
            trailingOffset = try isPadding() ? nil : inputOffset
            return
        }
        try budget.spend(Self.streamCost)
        if let work { try budget.spend(work: work.perStream) }
        decoder.restart()
    }

    private func isPadding() throws(FormatFault) -> Bool {
        guard compression.allowsPadding else { return false }
        return try source.isZero(from: inputOffset)
    }
}

extension ByteSource {
    /// Whether nothing but zeros follows.
    func isZero(from start: UInt64) throws(FormatFault) -> Bool {
        var reader = ByteReader(self, from: start)
        var isZero = true
        while isZero, reader.remaining > 0 {
            try reader.forEachChunk(min(reader.remaining, UInt64(ByteReader.windowBytesMax))) { chunk in
                for index in chunk.indices where chunk[index] != 0 { isZero = false }
            }
        }
        return isZero
    }
}

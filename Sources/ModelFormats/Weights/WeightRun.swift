/// A run of whole blocks of one tensor, small enough to be read by one thread among several.
public struct WeightRun: Sendable, Hashable {
    /// Index of the tensor in its table.
    public let tensor: Int
    /// Absolute offsets in the file: a multiple of the block's size.
    public let bytes: Range<UInt64>
    /// Whether a block of the same tensor lies before it.
    public let hasPrevious: Bool

    /// Bytes of a run, about.
    public static let bytesMax: UInt64 = 2 << 20

    /// All numbers of a table's tensors, tensor by tensor in the order of the table.
    ///
    /// - Returns: also the tensors whose type cannot be read.
    public static func all(of table: TensorTable) -> (runs: [WeightRun], unread: [Int]) {
        var runs: [WeightRun] = []
        var unread: [Int] = []
        for (index, entry) in table.entries.enumerated() {
            guard let type = WeightType(name: entry.typeName) else {
                unread.append(index)
                continue
            }
            let block = UInt64(type.block.bytes)
            let range = table.range(of: entry)
            // Neither can overflow: the range lies in the file.
            let end = range.lowerBound + UInt64(range.count) / block * block
            let step = max(1, bytesMax / block) * block
            var start = range.lowerBound
            while start < end {
                let stop = end - start > step ? start + step : end
                runs.append(WeightRun(tensor: index, bytes: start..<stop, hasPrevious: start > range.lowerBound))
                start = stop
            }
        }
        return (runs, unread)
    }
}

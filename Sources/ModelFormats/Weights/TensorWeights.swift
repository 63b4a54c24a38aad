/// What the numbers of one tensor come to.
public struct TensorWeights: Sendable, Hashable {
    public let entry: TensorEntry
    public let moments: WeightMoments
    /// `nil` for types whose numbers share no scales.
    public let scales: ScaleSummary?
    /// Blocks with scales; 0 for types without.
    public let blocks: UInt64
    /// Blocks that are the same as the one before, and not zero.
    public let repeatedBlocks: UInt64

    public init(_ entry: TensorEntry, _ sums: WeightSums, _ type: WeightType) {
        self.entry = entry
        moments = sums.moments
        scales = sums.scales(of: type)
        blocks = sums.census.blocks
        repeatedBlocks = sums.census.repeated
    }
}

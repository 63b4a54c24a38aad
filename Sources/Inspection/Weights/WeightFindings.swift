public import ModelFormats

/// What is unusual about the numbers of a file's tensors.
///
/// Nothing of it is part of an inspection: nobody can see in weights what they were trained for, and an admission does
/// not depend on statistics. Thresholds are the existing tool's (`docs/reference/weights.md`).
public struct WeightFindings: Sendable {
    public static let findingsMax = 500

    /// Thresholds of single tensors.
    private enum Threshold {
        static let mean = 10.0
        static let excessKurtosis = 100.0
        static let variance = 1e-12
        static let zeroShare = 0.99
        static let entropyBits = 1.0
        static let scaleRatio = 1e6
        static let repeatedShare = 0.1
        static let zeroScaleShare = 0.5
        /// Below so many blocks a distribution says nothing.
        static let blocksMin: UInt64 = 10
    }

    private var list = FindingList(countMax: findingsMax)

    /// - Parameters:
    ///   - tensors: in the order of the file.
    ///   - unread: tensors whose type has no numbers that can be read.
    public init(_ tensors: [TensorWeights], unread: [TensorEntry] = []) {
        for tensor in tensors {
            addNumbers(tensor)
            addBlocks(tensor)
        }
        for outlier in LayerComparison(tensors).outliers {
            list.add(outlier.rule, .init(member: tensors[outlier.tensor].entry.name), detail: outlier.detail)
        }
        for entry in unread {
            list.add(.weightsUnread, .init(member: entry.name), detail: "type \(entry.typeName)")
        }
    }

    public var findings: [Finding] { list.finished() }

    private mutating func add(_ rule: RuleID, _ tensor: TensorWeights, _ detail: String) {
        list.add(rule, .init(member: tensor.entry.name), detail: detail)
    }

    private mutating func addNumbers(_ tensor: TensorWeights) {
        let moments = tensor.moments
        let total = "of \(moments.total) numbers"
        if moments.nans > 0 { add(.weightsNotANumber, tensor, "\(moments.nans) \(total)") }
        if moments.infinities > 0 { add(.weightsInfinite, tensor, "\(moments.infinities) \(total)") }
        guard moments.count > 1 else { return }
        if abs(moments.mean) > Threshold.mean { add(.weightsLargeMean, tensor, "mean \(Rounded(moments.mean))") }
        if moments.excessKurtosis > Threshold.excessKurtosis {
            add(.weightsHeavyTails, tensor, "excess kurtosis \(Rounded(moments.excessKurtosis))")
        }
        if moments.zeroShare > Threshold.zeroShare {
            add(.weightsSparse, tensor, "\(moments.zeros) zeros \(total)")
        } else if moments.variance < Threshold.variance {
            add(.weightsConstant, tensor, "all are about \(Rounded(moments.mean))")
        }
    }

    private mutating func addBlocks(_ tensor: TensorWeights) {
        guard tensor.blocks > Threshold.blocksMin, let scales = tensor.scales, scales.count > 0 else { return }
        let repeatedShare = Double(tensor.repeatedBlocks) / Double(tensor.blocks)
        if repeatedShare > Threshold.repeatedShare {
            add(.weightsRepeatedBlocks, tensor, "\(tensor.repeatedBlocks) of \(tensor.blocks) blocks")
        }
        if Double(scales.zeros) / Double(scales.count) > Threshold.zeroScaleShare {
            add(.weightsZeroScales, tensor, "\(scales.zeros) of \(scales.count) scales")
        } else if scales.entropy < Threshold.entropyBits {
            add(.weightsScaleEntropy, tensor, "\(Rounded(scales.entropy)) bits")
        }
        if scales.ratio > Threshold.scaleRatio { add(.weightsScaleRange, tensor, "factor \(Rounded(scales.ratio))") }
    }
}

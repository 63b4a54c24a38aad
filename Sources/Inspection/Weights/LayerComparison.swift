import ModelFormats

/// Tensors that have the same role in different layers, compared with each other.
struct LayerComparison {
    struct Outlier {
        let rule: RuleID
        let tensor: Int
        let detail: String
    }

    /// In the order of the tensors.
    let outliers: [Outlier]

    private static let layersMin = 3
    private static let deviationsMax = 5.0
    /// Spreads below that are none.
    private static let spreadMin = 1e-10
    /// Makes the median of absolute deviations comparable with a standard deviation.
    private static let medianFactor = 0.6745
    private static let layerWords: Set<String> = ["blk", "layers", "layer", "h", "block", "blocks"]

    init(_ tensors: [TensorWeights]) {
        var roles: [String: [Int]] = [:]
        for (index, tensor) in tensors.enumerated() where tensor.moments.count > 0 {
            if let role = Self.role(of: tensor.entry.name) { roles[role, default: []].append(index) }
        }
        var found: [Outlier] = []
        for members in roles.values where members.count >= Self.layersMin {
            found += Self.compare(members, tensors)
        }
        outliers = found.sorted { ($0.tensor, $0.rule.rawValue) < ($1.tensor, $1.rule.rawValue) }
    }

    /// The name without the layer: `blk.7.attn_q.weight` is `attn_q.weight`.
    ///
    /// - Returns: `nil` for what is in no layer.
    static func role(of name: String) -> String? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        for index in parts.indices.dropLast(2)
        where layerWords.contains(String(parts[index])) && UInt32(parts[index + 1]) != nil {
            return (parts[..<index] + parts[(index + 2)...]).joined(separator: ".")
        }
        return nil
    }

    private static func compare(_ members: [Int], _ tensors: [TensorWeights]) -> [Outlier] {
        let means = members.map { tensors[$0].moments.mean }
        let variances = members.map { tensors[$0].moments.variance }
        var found: [Outlier] = []
        for (index, distance) in zip(members, distances(means)) where distance > deviationsMax {
            found.append(
                Outlier(
                    rule: .weightsLayerOutlier, tensor: index,
                    detail: "its mean is \(Rounded(distance)) standard deviations from that of \(members.count) layers"
                ))
        }
        for (index, distance) in zip(members, robustDistances(means)) where distance > deviationsMax {
            found.append(
                Outlier(
                    rule: .weightsLayerRobustOutlier, tensor: index,
                    detail:
                        "its mean is \(Rounded(distance)) median deviations from the median of \(members.count) layers"
                ))
        }
        for (index, distance) in zip(members, distances(variances)) where distance > deviationsMax {
            found.append(
                Outlier(
                    rule: .weightsLayerSpread, tensor: index,
                    detail: "its variance is \(Rounded(distance)) standard deviations from that of "
                        + "\(members.count) layers"))
        }
        return found
    }

    /// From the mean, in standard deviations. With n values none can be larger than the root of n - 1.
    private static func distances(_ values: [Double]) -> [Double] {
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
        guard deviation > spreadMin else { return values.map { _ in 0 } }
        return values.map { abs($0 - mean) / deviation }
    }

    private static func robustDistances(_ values: [Double]) -> [Double] {
        let middle = median(values)
        let deviation = median(values.map { abs($0 - middle) })
        guard deviation > spreadMin else { return values.map { _ in 0 } }
        return values.map { medianFactor * abs($0 - middle) / deviation }
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let half = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[half - 1] + sorted[half]) / 2 : sorted[half]
    }
}

/// Sums over numbers that can be added up in any grouping: count, mean and the central sums of the second to the fourth
/// power (Pébay, SAND2008-6212), smallest and largest, zeros, and what is no finite number and in none of the others.
public struct WeightMoments: Sendable, Hashable {
    /// Finite numbers.
    public var count: UInt64 = 0
    public var mean = 0.0
    /// Sums of the powers of differences from the mean.
    public var m2 = 0.0
    public var m3 = 0.0
    public var m4 = 0.0
    public var minimum = Double.infinity
    public var maximum = -Double.infinity
    public var zeros: UInt64 = 0
    public var nans: UInt64 = 0
    public var infinities: UInt64 = 0

    public init() {}

    /// - Parameters: sums of powers of `(x - shift) * scale` over `count` numbers.
    init(count: Int, shift: Double, scale: Double, s1: Double, s2: Double, s3: Double, s4: Double) {
        self.count = UInt64(count)
        guard count > 0 else { return }
        let n = Double(count)
        let d = s1 / n
        mean = shift + d / scale
        let unit = 1 / scale
        m2 = max(0, s2 - n * d * d) * unit * unit
        m3 = (s3 - 3 * d * s2 + 2 * n * d * d * d) * unit * unit * unit
        m4 = max(0, s4 - 4 * d * s3 + 6 * d * d * s2 - 3 * n * d * d * d * d) * unit * unit * unit * unit
    }

    public mutating func merge(_ other: WeightMoments) {
        zeros += other.zeros
        nans += other.nans
        infinities += other.infinities
        minimum = min(minimum, other.minimum)
        maximum = max(maximum, other.maximum)
        guard other.count > 0 else { return }
        guard count > 0 else {
            (count, mean, m2, m3, m4) = (other.count, other.mean, other.m2, other.m3, other.m4)
            return
        }
        let (na, nb) = (Double(count), Double(other.count))
        let n = na + nb
        let d = other.mean - mean
        let (a, b) = (na / n, nb / n)
        let d2 = d * d
        m4 += other.m4 + d2 * d2 * na * b * (a * a - a * b + b * b)
        m4 += 6 * d2 * (a * a * other.m2 + b * b * m2) + 4 * d * (a * other.m3 - b * m3)
        m3 += other.m3 + d2 * d * na * b * (a - b) + 3 * d * (a * other.m2 - b * m2)
        m2 += other.m2 + d2 * na * b
        mean += d * b
        count += other.count
    }

    /// Of the whole, not an estimate for something larger it was taken from.
    public var variance: Double { count > 0 ? m2 / Double(count) : 0 }

    public var standardDeviation: Double { variance.squareRoot() }

    /// 0 where nothing varies.
    public var skewness: Double {
        let variance = variance
        guard variance > 0 else { return 0 }
        return m3 / Double(count) / variance / variance.squareRoot()
    }

    /// Kurtosis minus that of a normal distribution; 0 where nothing varies.
    public var excessKurtosis: Double {
        let variance = variance
        guard variance > 0 else { return 0 }
        return m4 / Double(count) / variance / variance - 3
    }

    /// All numbers, finite or not.
    public var total: UInt64 { count + nans + infinities }

    /// The share of zeros among all numbers.
    public var zeroShare: Double { total > 0 ? Double(zeros) / Double(total) : 0 }
}

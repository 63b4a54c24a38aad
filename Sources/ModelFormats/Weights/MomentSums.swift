/// Moments of runs of numbers, eight at a time.
///
/// Each run is shifted by about its mean and scaled by a power of two, so that sums of fourth powers neither lose what
/// is near the mean nor leave the range. A run is short enough for single precision: variances agree with those of
/// double precision to five digits.
enum MomentSums {
    /// Numbers of a run.
    static let runMax = 2048

    private typealias Lanes = SIMD8<Float>
    private typealias Bits = SIMD8<Int32>

    /// - Parameter count: at most `runMax`.
    /// - Parameter numbers: are overwritten where some are not finite.
    static func moments(_ numbers: UnsafeMutablePointer<Float>, count: Int) -> WeightMoments {
        let survey = Survey(numbers, count: count)
        guard survey.isFinite else { return withoutStrange(numbers, count: count) }
        guard survey.isModest else { return wide(numbers, count: count) }
        return central(numbers, count: count, survey)
    }

    /// Extremes, sum and zeros.
    private struct Survey {
        var sum: Float = 0
        var zeros = 0
        var least = Int32.max
        var most = Int32.min

        /// Integers in the order of the numbers that have these bits.
        @inline(__always)
        private static func key(_ bits: Bits) -> Bits { bits ^ ((bits &>> 31) & Bits(repeating: Int32.max)) }

        private static func number(_ key: Int32) -> Float {
            Float(bitPattern: UInt32(bitPattern: key ^ ((key >> 31) & Int32.max)))
        }

        init(_ numbers: UnsafeMutablePointer<Float>, count: Int) {
            var sums = Lanes(repeating: 0)
            var zeroCounts = Bits(repeating: 0)
            var low = Bits(repeating: Int32.max)
            var high = Bits(repeating: Int32.min)
            let start = UnsafeRawPointer(numbers)
            for index in 0..<count / 8 {
                let lanes = start.loadUnaligned(fromByteOffset: index * 32, as: Lanes.self)
                let bits = unsafeBitCast(lanes, to: Bits.self)
                sums += lanes
                let isZero = (bits & Bits(repeating: Int32.max)) .== Bits(repeating: 0)
                zeroCounts &-= unsafeBitCast(isZero, to: Bits.self)
                let key = Self.key(bits)
                let isLower = unsafeBitCast(key .< low, to: Bits.self)
                low = (key & isLower) | (low & ~isLower)
                let isHigher = unsafeBitCast(key .> high, to: Bits.self)
                high = (key & isHigher) | (high & ~isHigher)
            }
            sum = sums.sum()
            zeros = Int(zeroCounts.wrappedSum())
            (least, most) = (low.min(), high.max())
            for index in count / 8 * 8..<count {
                let bits = Int32(bitPattern: numbers[index].bitPattern)
                sum += numbers[index]
                if bits & Int32.max == 0 { zeros += 1 }
                let key = bits ^ ((bits >> 31) & Int32.max)
                (least, most) = (Swift.min(least, key), Swift.max(most, key))
            }
        }

        var minimum: Float { Self.number(least) }
        var maximum: Float { Self.number(most) }

        /// NaN and infinities lie beyond all numbers.
        var isFinite: Bool { most < 0x7F80_0000 && least > Int32.min + 0x7F_FFFF }

        /// Whether no sum can leave the range of single precision.
        var isModest: Bool { maximum < 0x1p100 && minimum > -0x1p100 }
    }

    private static func central(
        _ numbers: UnsafeMutablePointer<Float>, count: Int, _ survey: Survey
    ) -> WeightMoments {
        let shift = count > 0 ? survey.sum / Float(count) : 0
        let reach = Swift.max(survey.maximum - shift, shift - survey.minimum)
        var moments: WeightMoments
        if count > 0, reach > 0 {
            let exponent = Swift.max(reach.exponent, -100)
            let scale = Float(sign: .plus, exponent: -Int(exponent) - 1, significand: 1)
            moments = sums(numbers, count: count, shift: shift, scale: scale)
        } else {
            moments = WeightMoments(
                count: count, shift: Double(shift), scale: 1, s1: 0, s2: 0, s3: 0, s4: 0)
        }
        moments.zeros = UInt64(survey.zeros)
        if count > 0 { (moments.minimum, moments.maximum) = (Double(survey.minimum), Double(survey.maximum)) }
        return moments
    }

    private static func sums(
        _ numbers: UnsafeMutablePointer<Float>, count: Int, shift: Float, scale: Float
    ) -> WeightMoments {
        var (s1, s2) = (Lanes(repeating: 0), Lanes(repeating: 0))
        var (s3, s4) = (Lanes(repeating: 0), Lanes(repeating: 0))
        let (shifts, scales) = (Lanes(repeating: shift), Lanes(repeating: scale))
        let start = UnsafeRawPointer(numbers)
        for index in 0..<count / 8 {
            let d = (start.loadUnaligned(fromByteOffset: index * 32, as: Lanes.self) - shifts) * scales
            let d2 = d * d
            s1 += d
            s2 += d2
            s3 += d2 * d
            s4 += d2 * d2
        }
        var (t1, t2, t3, t4) = (wideSum(s1), wideSum(s2), wideSum(s3), wideSum(s4))
        for index in count / 8 * 8..<count {
            let d = Double((numbers[index] - shift) * scale)
            t1 += d
            t2 += d * d
            t3 += d * d * d
            t4 += d * d * d * d
        }
        return WeightMoments(
            count: count, shift: Double(shift), scale: Double(scale), s1: t1, s2: t2, s3: t3, s4: t4)
    }

    private static func wideSum(_ lanes: SIMD8<Float>) -> Double { SIMD8<Double>(lanes).sum() }

    /// Counts what is no finite number, and takes the rest.
    private static func withoutStrange(_ numbers: UnsafeMutablePointer<Float>, count: Int) -> WeightMoments {
        var kept = 0
        var (nans, infinities) = (0, 0)
        for index in 0..<count {
            let number = numbers[index]
            if number.isFinite {
                numbers[kept] = number
                kept += 1
            } else if number.isNaN {
                nans += 1
            } else {
                infinities += 1
            }
        }
        var moments = moments(numbers, count: kept)
        moments.nans = UInt64(nans)
        moments.infinities = UInt64(infinities)
        return moments
    }

    private static func wide(_ numbers: UnsafeMutablePointer<Float>, count: Int) -> WeightMoments {
        var wide = WideMoments()
        for index in 0..<count { wide.numbers.append(Double(numbers[index])) }
        return wide.finish()
    }
}

/// The same in double precision, for numbers that single precision cannot hold.
struct WideMoments {
    var numbers: [Double] = []

    /// The moments of `numbers`, which are gone after that.
    mutating func finish() -> WeightMoments {
        var counts = WeightMoments()
        counts.nans = UInt64(numbers.count { $0.isNaN })
        counts.infinities = UInt64(numbers.count { $0.isInfinite })
        let finite = numbers.filter(\.isFinite)
        numbers.removeAll(keepingCapacity: true)
        guard let least = finite.min(), let most = finite.max() else { return counts }
        let largest = max(abs(least), abs(most))
        // All in the range of 1, so that nothing overflows before the end.
        let exponent = largest > 0 ? min(max(largest.exponent, -1000), 1000) : 0
        let scale = Double(sign: .plus, exponent: -Int(exponent), significand: 1)
        let shift = finite.reduce(0) { $0 + $1 * scale } / Double(finite.count)
        var (s1, s2, s3, s4) = (0.0, 0.0, 0.0, 0.0)
        for number in finite {
            let d = number * scale - shift
            s1 += d
            s2 += d * d
            s3 += d * d * d
            s4 += d * d * d * d
        }
        var moments = WeightMoments(
            count: finite.count, shift: shift / scale, scale: scale, s1: s1, s2: s2, s3: s3, s4: s4)
        moments.minimum = least
        moments.maximum = most
        moments.zeros = UInt64(finite.count { $0 == 0 })
        moments.nans = counts.nans
        moments.infinities = counts.infinities
        return moments
    }
}

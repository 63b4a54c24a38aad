/// Logarithms without the system's mathematics, which this layer does not use: the same on every machine.
enum Logarithm {
    /// The binary logarithm of a positive number, to about 15 digits.
    static func base2(_ number: Double) -> Double {
        guard number > 0, number.isFinite else { return 0 }
        // With s = (m-1)/(m+1), ln m = 2 (s + s^3/3 + s^5/5 + …), and |s| < 0.172 for m from 0.707 to 1.414.
        var (significand, exponent) = (number.significand, Double(number.exponent))
        if significand > 1.4142135623730951 {
            significand /= 2
            exponent += 1
        }
        let s = (significand - 1) / (significand + 1)
        let square = s * s
        var term = s
        var sum = 0.0
        for divisor in stride(from: 1.0, through: 23, by: 2) {
            sum += term / divisor
            term *= square
        }
        return exponent + 2 * sum * 1.4426950408889634
    }
}

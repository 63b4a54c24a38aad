/// A number with four significant digits, for people.
public struct Rounded: Sendable, CustomStringConvertible {
    private let number: Double

    public init(_ number: Double) {
        self.number = number
    }

    public var description: String {
        guard number.isFinite, number != 0 else { return number == 0 ? "0" : "\(number)" }
        var exponent = 0
        var rest = abs(number)
        while rest >= 10, exponent < 400 {
            rest /= 10
            exponent += 1
        }
        while rest < 1, exponent > -400 {
            rest *= 10
            exponent -= 1
        }
        let digits = (rest * 1000).rounded()
        // Exact for the powers that occur: 10^22 is the largest that a Double holds exactly.
        var text = number < 0 ? "-" : ""
        if (-4...5).contains(exponent) {
            let scaled = exponent >= 3 ? digits * Self.power(exponent - 3) : digits / Self.power(3 - exponent)
            text += "\(scaled)"
        } else {
            text += "\(digits / 1000)"
            return Self.withoutPoint(text) + "e\(exponent)"
        }
        return Self.withoutPoint(text)
    }

    private static func power(_ exponent: Int) -> Double { (0..<exponent).reduce(1) { power, _ in power * 10 } }

    private static func withoutPoint(_ text: String) -> String {
        text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}

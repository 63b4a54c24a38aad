/// Numbers as people read them.
enum Quantity {
    static func ratio(_ value: Double) -> String { fixed(value, 2) }

    static func rate(_ perSecond: Double) -> String { "\(grouped(Int(perSecond.rounded())))/s" }

    static func bytesPerSecond(_ value: Double) -> String { fixed(value / 1e9, 2) + " GB/s" }

    static func milliseconds(_ value: Double) -> String { fixed(value, value < 10 ? 2 : 1) + " ms" }

    static func seconds(_ duration: Duration) -> String { fixed(duration / .seconds(1), 2) + " s" }

    static func bytes(_ value: UInt64) -> String { fixed(Double(value) / 1_048_576, 1) + " MiB" }

    static func grouped(_ value: Int) -> String {
        var digits = Array(String(value.magnitude))
        var place = digits.count - 3
        while place > 0 {
            digits.insert(",", at: place)
            place -= 3
        }
        return (value < 0 ? "-" : "") + String(digits)
    }

    static func fixed(_ value: Double, _ places: Int) -> String {
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let scaled = (value * scale).rounded()
        guard scaled.magnitude < 1e15 else { return "\(value)" }
        let whole = Int(scaled)
        guard places > 0 else { return String(whole) }
        let digits = String(whole.magnitude)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        return (whole < 0 ? "-" : "") + padded.dropLast(places) + "." + padded.suffix(places)
    }
}

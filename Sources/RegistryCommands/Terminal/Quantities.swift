/// Numbers as people read them.
package enum Quantities {
    /// Decimal units with about three digits: `999 B`, `4.69 kB`, `46.9 MB`, `1.20 GB`.
    package static func bytes(_ count: UInt64) -> String {
        scaled(count, byteUnits).map { "\($0) \($1)" } ?? "\(count) B"
    }

    /// As people say how large a model is: `999`, `46.9k`, `596M`, `8.03B`.
    package static func parameters(_ count: UInt64) -> String {
        scaled(count, parameterUnits).map { "\($0)\($1)" } ?? "\(count)"
    }

    /// - Returns: `nil` for what is smaller than the first unit.
    private static func scaled(_ count: UInt64, _ units: [String]) -> (number: String, unit: String)? {
        guard count >= 1000 else { return nil }
        var unit = 0
        var scale: UInt64 = 1000
        while unit < units.count - 1, count / scale >= 1000 {
            scale *= 1000
            unit += 1
        }
        let whole = count / scale
        let decimals = whole >= 100 ? 0 : whole >= 10 ? 1 : 2
        guard decimals > 0 else { return ("\(whole)", units[unit]) }
        let hundredths = count % scale / (scale / 100)
        let fraction = decimals == 2 ? pad(hundredths, 2) : "\(hundredths / 10)"
        return ("\(whole).\(fraction)", units[unit])
    }

    /// `0:42`, `12:05`, `1:05:09`.
    package static func duration(seconds: UInt64) -> String {
        let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60)
        return hours > 0 ? "\(hours):\(pad(minutes, 2)):\(pad(rest, 2))" : "\(minutes):\(pad(rest, 2))"
    }

    /// `1 event`, `2 events`.
    package static func count(_ number: some BinaryInteger, _ singular: String, _ plural: String? = nil) -> String {
        "\(number) \(number == 1 ? singular : plural ?? singular + "s")"
    }

    /// A time of the API without its fraction of a second.
    package static func time(_ text: String) -> String {
        guard let dot = text.firstIndex(of: "."), text.hasSuffix("Z") else { return text }
        return text[..<dot] + "Z"
    }

    private static func pad(_ number: UInt64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static let parameterUnits = ["k", "M", "B", "T"]
    private static let byteUnits = ["kB", "MB", "GB", "TB", "PB", "EB"]
}

import OCI
import RegistryCore

/// What a seal is computed over: fields as text, each with its length before it, so that no two lists of fields give
/// the same bytes.
///
/// A page of a list checks a thousand seals: fields are written into one array, and no text is made on the way.
struct SealedMessage {
    private(set) var bytes: [UInt8] = []

    /// - Parameter kind: what is sealed, the first field.
    init(_ kind: String) {
        bytes.reserveCapacity(1_024)
        add(kind)
    }

    mutating func add(_ text: String) {
        addField { $0.append(contentsOf: text.utf8) }
    }

    mutating func add(_ digest: Digest?) {
        addField { digest?.appendText(to: &$0) }
    }

    mutating func add(_ time: Timestamp?) {
        addField { time?.appendText(to: &$0) }
    }

    mutating func add(_ number: UInt64) {
        addField { $0.appendDecimal(number) }
    }

    mutating func add(_ number: Int64) {
        addField { bytes in
            if number < 0 { bytes.append(UInt8(ascii: "-")) }
            bytes.appendDecimal(number.magnitude)
        }
    }

    /// What follows the last field, as it is.
    mutating func addRest(_ rest: [UInt8]) {
        bytes.append(contentsOf: rest)
    }

    private mutating func addField(_ append: (inout [UInt8]) -> Void) {
        let start = bytes.count
        for _ in 0..<4 { bytes.append(0) }
        append(&bytes)
        var length = UInt32(truncatingIfNeeded: bytes.count - start - 4)
        for index in start..<start + 4 {
            bytes[index] = UInt8(truncatingIfNeeded: length)
            length >>= 8
        }
    }
}

extension [UInt8] {
    fileprivate mutating func appendDecimal(_ number: UInt64) {
        let start = count
        var left = number
        repeat {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: left % 10))
            left /= 10
        } while left > 0
        self[start...].reverse()
    }
}

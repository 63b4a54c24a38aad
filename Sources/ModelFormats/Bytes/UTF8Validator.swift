/// Checks UTF-8 that arrives in pieces (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
package struct UTF8Validator: Sendable {
    private var expected = 0
    private var lower: UInt8 = 0x80
    private var upper: UInt8 = 0xBF
    package private(set) var isValid = true

    package init() {}

    /// True if everything so far is valid and the last character is complete.
    package var isComplete: Bool { isValid && expected == 0 }

    package mutating func consume(_ bytes: Span<UInt8>) {
        guard isValid else { return }
        var index = 0
        while index < bytes.count {
            if expected == 0 {
                index += bytes.asciiPrefix(from: index)
                guard index < bytes.count else { return }
            }
            let byte = bytes[index]
            index += 1
            if expected == 0 {
                if byte >= 0x80 { begin(byte) }
            } else if byte < lower || byte > upper {
                isValid = false
            } else {
                expected -= 1
                lower = 0x80
                upper = 0xBF
            }
            if !isValid { return }
        }
    }

    private mutating func begin(_ byte: UInt8) {
        switch byte {
        case 0xC2...0xDF: expect(1)
        case 0xE0: expect(2, lower: 0xA0)
        case 0xED: expect(2, upper: 0x9F)
        case 0xE1...0xEF: expect(2)
        case 0xF0: expect(3, lower: 0x90)
        case 0xF4: expect(3, upper: 0x8F)
        case 0xF1...0xF3: expect(3)
        default: isValid = false
        }
    }

    private mutating func expect(_ count: Int, lower: UInt8 = 0x80, upper: UInt8 = 0xBF) {
        expected = count
        self.lower = lower
        self.upper = upper
    }

    package static func isValid(_ bytes: [UInt8]) -> Bool {
        var validator = UTF8Validator()
        validator.consume(bytes.span)
        return validator.isComplete
    }
}

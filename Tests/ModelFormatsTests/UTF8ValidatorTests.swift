import ModelFormats
import Testing

@Suite("UTF-8 in pieces")
struct UTF8ValidatorTests {
    @Test("Agrees with the standard library on random bytes, wherever they are cut")
    func random() {
        var random = SeededRandom(seed: 7)
        let alphabet: [UInt8] = [
            0x41, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0,
            0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
        ]
        var valid = 0
        for _ in 0..<50_000 {
            let bytes = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            let expected = String(validating: bytes, as: UTF8.self) != nil
            #expect(UTF8Validator.isValid(bytes) == expected, "\(bytes)")
            var validator = UTF8Validator()
            for byte in bytes { validator.consume([byte].span) }
            #expect(validator.isComplete == expected)
            valid += expected ? 1 : 0
        }
        #expect(valid > 1000)
    }
}

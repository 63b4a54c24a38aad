import ModelFormats
import Testing

@Suite("Numbers of element types")
struct WeightDecodingTests {
    struct Golden: Sendable, CustomTestStringConvertible {
        let type: String
        let bytes: [UInt8]
        let bits: [UInt32]

        var testDescription: String { type }

        static let all: [Golden] = {
            let text = (try? Vectors.bytes("weights/blocks.txt")).map { String(decoding: $0, as: UTF8.self) } ?? ""
            return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
                let parts = line.split(separator: " ")
                let digits = Array(parts[2].utf8)
                return Golden(
                    type: String(parts[0]), bytes: Hexadecimal.bytes(String(parts[1])) ?? [],
                    bits: stride(from: 0, to: digits.count, by: 8).compactMap { start in
                        UInt32(String(decoding: digits[start..<start + 8], as: UTF8.self), radix: 16)
                    })
            }
        }()
    }

    @Test("Blocks become the numbers that ggml's own Python package makes of them", arguments: Golden.all)
    func golden(vector: Golden) throws {
        let type = try #require(WeightType(name: vector.type))
        #expect(vector.bits.count.isMultiple(of: type.block.elements))
        #expect(type.numbers(vector.bytes).map(\.bitPattern) == vector.bits)
    }

    @Test("All types of ggml are read, and their blocks are as long as the header's reader says")
    func blocks() throws {
        #expect(Golden.all.count == 25)
        for type in GGMLType.allCases {
            let read = try #require(WeightType(name: type.name), "\(type.name)")
            #expect(UInt64(read.block.elements) == type.block.elements, "\(type.name)")
            #expect(UInt64(read.block.bytes) == type.block.bytes, "\(type.name)")
        }
        let unread = SafetensorsDtype.allCases.filter { WeightType(name: $0.rawValue) == nil }
        #expect(unread == [.f6E2M3, .f6E3M2, .c64])
        for type in SafetensorsDtype.allCases {
            guard let read = WeightType(name: type.rawValue) else { continue }
            #expect(UInt64(read.block.bytes * 8) == type.bits * UInt64(read.block.elements), "\(type.rawValue)")
        }
    }

    @Test("Types that no package reads: one bit, two bits, sums beside the scale")
    func otherBlocks() throws {
        // A half of 2 is 0x4000.
        let one = [0, 0x40] + [UInt8](repeating: 0b0000_0011, count: 16)
        #expect(try numbers("Q1_0", one).prefix(9) == [2, 2, -2, -2, -2, -2, -2, -2, 2])
        let two = [0, 0x40] + [UInt8](repeating: 0b11_10_01_00, count: 16)
        #expect(try numbers("Q2_0", two).prefix(5) == [-2, 0, 2, 4, -2])
        let sums = [0, 0x40, 0xFF, 0xFF, 0x7F, 0x80] + [UInt8](repeating: 1, count: 30)
        #expect(try numbers("Q8_1", sums).prefix(3) == [254, -256, 2])
        let float = [0, 0, 0, 0x40, 0xFF] + [UInt8](repeating: 3, count: 287)
        #expect(try numbers("Q8_K", float).prefix(2) == [-2, 6])
    }

    @Test("Numbers of eight and four bits: extremes, subnormal ones, NaN and infinities")
    func small() throws {
        #expect(try numbers("F8_E4M3", [0x38, 0x7E, 0x01, 0xB8]) == [1, 448, 0x1p-9, -1])
        #expect(try numbers("F8_E4M3", [0x7F])[0].isNaN)
        #expect(try numbers("F8_E5M2", [0x3C, 0x7B, 0x01, 0x7C, 0xFC]) == [1, 57_344, 0x1p-16, .infinity, -.infinity])
        #expect(try numbers("F8_E5M2", [0x7D])[0].isNaN)
        #expect(try numbers("F8_E4M3FNUZ", [0x40, 0x7F, 0x01]) == [1, 240, 0x1p-10])
        #expect(try numbers("F8_E4M3FNUZ", [0x80])[0].isNaN)
        #expect(try numbers("F8_E5M2FNUZ", [0x40, 0x7F]) == [1, 57_344])
        #expect(try numbers("F8_E8M0", [127, 0, 254]) == [1, 0x1p-127, 0x1p127])
        #expect(try numbers("F8_E8M0", [255])[0].isNaN)
        #expect(try numbers("F4", [0x21, 0xF7]) == [0.5, 1, 6, -6])
        #expect(try numbers("F16", [0x01, 0x00, 0x00, 0x7C, 0xFF, 0x7B]) == [0x1p-24, .infinity, 65_504])
        #expect(try numbers("I16", [0xFF, 0xFF]) == [-1])
        #expect(try numbers("U16", [0xFF, 0xFF]) == [65_535])
        #expect(try numbers("BOOL", [1, 0]) == [1, 0])
    }

    @Test("Whatever the bytes are, as many numbers come out as the blocks have", arguments: GGMLType.allCases)
    func anyBytes(type: GGMLType) throws {
        var random = SeededRandom(seed: UInt64(type.rawValue))
        let read = try #require(WeightType(name: type.name))
        for blocks in [0, 1, 3] {
            let count = blocks * read.block.bytes + (blocks > 0 ? read.block.bytes - 1 : 0)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(read.numbers(bytes).count == blocks * read.block.elements)
        }
    }

    private func numbers(_ type: String, _ bytes: [UInt8]) throws -> [Float] {
        try #require(WeightType(name: type)).numbers(bytes)
    }
}

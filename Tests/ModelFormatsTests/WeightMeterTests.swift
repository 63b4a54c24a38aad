import ModelFormats
import Testing

@Suite("Statistics of weights")
struct WeightMeterTests {
    /// The same by the textbook, in two passes of double precision.
    private struct Reference {
        let mean: Double
        let variance: Double
        let skewness: Double
        let kurtosis: Double

        init(_ numbers: [Double]) {
            let n = Double(numbers.count)
            let mean = numbers.reduce(0, +) / n
            func central(_ power: Int) -> Double {
                numbers.reduce(0) { sum, x in sum + (0..<power).reduce(1) { product, _ in product * (x - mean) } } / n
            }
            self.mean = mean
            variance = central(2)
            skewness = variance > 0 ? central(3) / variance / variance.squareRoot() : 0
            kurtosis = variance > 0 ? central(4) / variance / variance - 3 : 0
        }
    }

    private static func bytes(_ numbers: [Float]) -> [UInt8] {
        numbers.flatMap { number in withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) } }
    }

    private static func measure(_ type: String, _ bytes: [UInt8], pieces: Int = .max) throws -> WeightSums {
        let type = try #require(WeightType(name: type))
        let meter = WeightMeter(type)
        let step = pieces == .max ? max(bytes.count, 1) : pieces * type.block.bytes
        for start in stride(from: 0, to: bytes.count, by: step) {
            Array(bytes[start..<min(start + step, bytes.count)]).withUnsafeBytes { meter.update($0) }
        }
        return meter.finish()
    }

    private static func isClose(_ left: Double, _ right: Double, _ tolerance: Double = 1e-5) -> Bool {
        abs(left - right) <= tolerance * max(abs(left), abs(right), 1e-300)
    }

    @Test(
        "Moments are those of the textbook, far from zero and at both ends of the range, too",
        arguments: [(0.0, 1.0), (0, 1e-12), (0, 1e-30), (100, 1), (-3, 1e-3), (0, 1e30), (1e20, 1e19), (0, 1e-38)])
    func moments(shift: Double, size: Double) throws {
        var random = SeededRandom(seed: 5)
        let numbers = (0..<10_000).map { index -> Float in
            let tail = index % 100 == 0 ? 10.0 : 1
            return Float(shift + size * tail * Double.random(in: -1...1.5, using: &random))
        }
        let expected = Reference(numbers.map(Double.init))
        let actual = try Self.measure("F32", Self.bytes(numbers)).moments
        #expect(actual.count == 10_000)
        #expect(abs(actual.mean - expected.mean) <= 1e-6 * max(abs(expected.mean), size))
        #expect(Self.isClose(actual.variance, expected.variance))
        #expect(abs(actual.skewness - expected.skewness) < 1e-4)
        #expect(Self.isClose(actual.excessKurtosis + 3, expected.kurtosis + 3, 1e-4))
        #expect(actual.minimum == Double(numbers.min() ?? 0))
        #expect(actual.maximum == Double(numbers.max() ?? 0))
    }

    @Test("Runs that are merged come to what the whole comes to", arguments: ["F32", "Q4_0", "Q6_K", "F64", "IQ1_M"])
    func merging(name: String) throws {
        let type = try #require(WeightType(name: name))
        var random = SeededRandom(seed: 11)
        var bytes = (0..<type.block.bytes * 400).map { _ in UInt8.random(in: 0...0x3B, using: &random) }
        // The same block three times, over what will be the edge of a run.
        for block in 200...201 {
            for index in 0..<type.block.bytes {
                bytes[block * type.block.bytes + index] = bytes[199 * type.block.bytes + index]
            }
        }
        let whole = try Self.measure(name, bytes)
        let pieces = try Self.measure(name, bytes, pieces: 7)
        let edge = 200 * type.block.bytes
        var merged = try Self.measure(name, Array(bytes[..<edge]))
        let second = WeightMeter(type)
        Array(bytes[edge - type.block.bytes..<edge]).withUnsafeBytes { second.begin(after: $0) }
        Array(bytes[edge...]).withUnsafeBytes { second.update($0) }
        merged.merge(second.finish())
        for other in [pieces, merged] {
            #expect(other.census == whole.census)
            #expect(other.moments.count == whole.moments.count)
            #expect(Self.isClose(other.moments.variance, whole.moments.variance))
            #expect(Self.isClose(other.moments.excessKurtosis + 3, whole.moments.excessKurtosis + 3, 1e-4))
            #expect(other.moments.minimum == whole.moments.minimum)
            #expect(other.moments.zeros == whole.moments.zeros)
        }
        #expect(whole.census.repeated == (type.isQuantised ? 2 : 0))
    }

    @Test("What is no finite number is counted and in nothing else")
    func strange() throws {
        let numbers: [Float] = [1, .nan, 3, .infinity, -.infinity, 2, 0, -0.0, -.nan]
        let moments = try Self.measure("F32", Self.bytes(numbers)).moments
        #expect((moments.count, moments.nans, moments.infinities, moments.zeros) == (5, 2, 2, 2))
        #expect(moments.total == 9)
        #expect(abs(moments.mean - 1.2) < 1e-6)
        #expect((moments.minimum, moments.maximum) == (0, 3))
        let nothing = try Self.measure("F32", Self.bytes([.nan])).moments
        #expect((nothing.count, nothing.nans, nothing.variance) == (0, 1, 0))
        #expect(try Self.measure("F32", []).moments == WeightMoments())
    }

    @Test("Numbers of 64 bits keep their range")
    func wide() throws {
        let numbers = [1e300, -1e300, 5e299]
        let bytes = numbers.flatMap { number in withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) } }
        let moments = try Self.measure("F64", bytes).moments
        #expect(Self.isClose(moments.mean, 5e299 / 3))
        #expect(moments.maximum == 1e300)
        #expect(try Self.measure("I64", [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]).moments.mean == -1)
    }

    @Test("The scales of blocks: entropy of 64 bins, zeros, range, repetitions that are not zero")
    func scales() throws {
        func block(_ scale: UInt16, _ code: UInt8) -> [UInt8] {
            [UInt8(scale & 0xFF), UInt8(scale >> 8)] + [UInt8](repeating: code, count: 16)
        }
        let type = try #require(WeightType(name: "Q4_0"))
        // 1, 2, 3 and 4 as halves, each as often.
        let four = (0..<400).flatMap { block([0x3C00, 0x4000, 0x4200, 0x4400][$0 % 4], UInt8($0 % 16)) }
        let even = try #require(try Self.measure("Q4_0", four).scales(of: type))
        #expect(even.count == 400)
        #expect(abs(even.entropy - 2) < 1e-12)
        #expect((even.minimum, even.maximum, even.ratio, even.zeros) == (1, 4, 4, 0))

        let same = (0..<50).flatMap { _ in block(0x3C00, 7) }
        let sums = try Self.measure("Q4_0", same)
        #expect((sums.census.blocks, sums.census.repeated) == (50, 49))
        #expect(sums.scales(of: type)?.entropy == 0)

        let zero = try Self.measure("Q4_0", (0..<50).flatMap { block($0 % 2 == 0 ? 0 : 0x8000, 0) })
        #expect(zero.census.repeated == 0)
        #expect(zero.scales(of: type)?.zeros == 50)
        let invalid = try Self.measure("Q4_0", block(0x7E00, 0))
        #expect(invalid.scales(of: type)?.invalid == 1)
        #expect(invalid.moments.nans == 32)
        let plain = try #require(WeightType(name: "F16"))
        #expect(try Self.measure("F16", [0, 0]).scales(of: plain) == nil)
    }

    @Test("Runs cover every whole block of every tensor once")
    func runs() throws {
        let entries = [("a", "Q4_0", UInt64(18 * 300_001)), ("b", "C64", 16), ("c", "F32", 0), ("d", "BF16", 2)]
        var offset: UInt64 = 0
        let table = try TensorTable(
            dataStart: 32,
            entries: entries.map { name, type, size in
                defer { offset += size }
                return TensorEntry(
                    nameBytes: Array(name.utf8), typeName: type, shape: [1], offset: offset, sizeBytes: size,
                    elementCount: 1)
            }, fileSizeBytes: 6_000_000)
        let (runs, unread) = WeightRun.all(of: table)
        #expect(unread == [1])
        let first = runs.filter { $0.tensor == 0 }
        #expect(first.count == 3)
        #expect(first.first?.bytes.lowerBound == 32 && first.last?.bytes.upperBound == 32 + 18 * 300_001)
        for (left, right) in zip(first, first.dropFirst()) { #expect(left.bytes.upperBound == right.bytes.lowerBound) }
        #expect(first.allSatisfy { $0.bytes.count.isMultiple(of: 18) })
        #expect(first.map(\.hasPrevious) == [false, true, true])
        #expect(runs.filter { $0.tensor == 2 }.isEmpty)
        #expect(runs.last?.bytes.count == 2)
    }
}

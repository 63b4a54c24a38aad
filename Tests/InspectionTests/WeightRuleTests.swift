import Inspection
import ModelFormats
import Testing

@Suite("Rules about weights")
struct WeightRuleTests {
    /// Tensors that a rule speaks of, and tensors that it barely does not.
    struct WeightSample: Sendable, CustomTestStringConvertible {
        let rule: RuleID
        let hit: [Tensor]
        let nearMiss: [Tensor]

        var testDescription: String { rule.rawValue }
    }

    struct Tensor: Sendable {
        var name = "blk.0.ffn_up.weight"
        var type = "F32"
        var bytes: [UInt8]

        init(_ numbers: [Float], name: String = "blk.0.ffn_up.weight") {
            self.name = name
            bytes = numbers.flatMap { number in withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) } }
        }

        /// Q4_0 blocks of these scales, as bits of halves.
        init(scales: [UInt16], codes: (Int) -> UInt8) {
            type = "Q4_0"
            bytes = scales.enumerated().flatMap { index, scale in
                [UInt8(scale & 0xFF), UInt8(scale >> 8)] + [UInt8](repeating: codes(index), count: 16)
            }
        }

        /// Zeros of a type.
        init(type: String, zeros: Int) {
            self.type = type
            bytes = [UInt8](repeating: 0, count: zeros)
        }

        var entry: TensorEntry {
            TensorEntry(
                nameBytes: Array(name.utf8), typeName: type, shape: [1], offset: 0, sizeBytes: UInt64(bytes.count),
                elementCount: 1)
        }

        /// `nil` where nobody knows the numbers of the type.
        var measured: TensorWeights? {
            guard let read = WeightType(name: type) else { return nil }
            let meter = WeightMeter(read)
            bytes.withUnsafeBytes { meter.update($0) }
            return TensorWeights(entry, meter.finish(), read)
        }
    }

    private static func findings(_ tensors: [Tensor]) -> [Finding] {
        WeightFindings(
            tensors.compactMap(\.measured), unread: tensors.filter { $0.measured == nil }.map(\.entry)
        ).findings
    }

    private static func noise(_ count: Int, shift: Float = 0) -> [Float] {
        var random = SeededRandom(seed: UInt64(count))
        return (0..<count).map { _ in shift + Float.random(in: -1...1, using: &random) }
    }

    private static func layers(_ means: [Float], width: Float = 1) -> [Tensor] {
        means.enumerated().map { layer, mean in
            Tensor([mean - width, mean + width], name: "model.layers.\(layer).mlp.weight")
        }
    }

    private static let scales: [UInt16] = (0..<64).map { 0x3000 + $0 * 16 }
    private static let even = (0..<30).map { Float($0 % 2) * 0.1 }

    static let samples: [WeightSample] = [
        WeightSample(rule: .weightsNotANumber, hit: [Tensor([1, .nan])], nearMiss: [Tensor([1, .infinity])]),
        WeightSample(rule: .weightsInfinite, hit: [Tensor([1, -.infinity])], nearMiss: [Tensor([1, 3e38])]),
        WeightSample(
            rule: .weightsLargeMean, hit: [Tensor(noise(100, shift: 10.5))],
            nearMiss: [Tensor(noise(100, shift: 9.5))]),
        WeightSample(
            rule: .weightsHeavyTails, hit: [Tensor(noise(1_000) + [100])], nearMiss: [Tensor(noise(1_000) + [3])]),
        WeightSample(
            rule: .weightsConstant, hit: [Tensor([2, 2, 2])], nearMiss: [Tensor([2]), Tensor([2, 2.001])]),
        WeightSample(
            rule: .weightsSparse, hit: [Tensor([Float](repeating: 0, count: 199) + [1])],
            nearMiss: [Tensor([Float](repeating: 0, count: 99) + [1])]),
        WeightSample(
            rule: .weightsRepeatedBlocks, hit: [Tensor(scales: scales) { UInt8($0 / 2) }, sameBlocks(20)],
            nearMiss: [Tensor(scales: scales) { _ in 7 }, sameBlocks(6)]),
        WeightSample(
            rule: .weightsZeroScales,
            hit: [Tensor(scales: scales.map { $0 % 64 == 0 ? $0 : 0 }) { UInt8($0) }],
            nearMiss: [Tensor(scales: scales.enumerated().map { $0 % 2 == 0 ? 0 : $1 }) { UInt8($0) }]),
        WeightSample(
            rule: .weightsScaleEntropy, hit: [Tensor(scales: scales.map { _ in 0x3C00 }) { UInt8($0) }],
            nearMiss: [
                Tensor(scales: scales) { UInt8($0) },
                Tensor(scales: [UInt16](repeating: 0x3C00, count: 10)) { UInt8($0) },
            ]),
        WeightSample(
            rule: .weightsScaleRange, hit: [Tensor(scales: scales + [1]) { UInt8($0) }],
            nearMiss: [Tensor(scales: scales + [0]) { UInt8($0) }]),
        WeightSample(
            rule: .weightsUnread, hit: [Tensor(type: "C64", zeros: 8)], nearMiss: [Tensor(type: "F64", zeros: 8)]),
        WeightSample(
            rule: .weightsLayerOutlier, hit: layers(even + [9]),
            // With few layers nothing can be that many deviations away.
            nearMiss: layers([0, 0.1, 0, 9])),
        WeightSample(
            rule: .weightsLayerRobustOutlier, hit: layers([0, 0.1, 0.2, 9]), nearMiss: layers([0, 0.1, 0.2, 0.4])),
        WeightSample(
            rule: .weightsLayerSpread, hit: layers(even) + [Tensor([-9, 9], name: "model.layers.99.mlp.weight")],
            nearMiss: layers(even) + [Tensor([-9, 9], name: "model.layers.99.other.weight")]),
    ]

    /// Blocks with many scales, `count` of which are like the one before.
    private static func sameBlocks(_ count: Int) -> Tensor {
        Tensor(scales: scales + [UInt16](repeating: 0x3C00, count: count + 1)) { $0 < 64 ? UInt8($0) : 99 }
    }

    @Test("A rule speaks of what it is about, and of nothing that barely is not", arguments: samples)
    func sample(sample: WeightSample) {
        let found = Self.findings(sample.hit).filter { $0.rule == sample.rule }
        #expect(!found.isEmpty)
        #expect(found.allSatisfy { finding in sample.hit.contains { $0.name == finding.place.member } })
        let missed = Self.findings(sample.nearMiss)
        #expect(!missed.contains { $0.rule == sample.rule }, "\(missed.map(\.detail))")
    }

    @Test("Every rule about weights is tried, and none of them blocks")
    func coverage() {
        let rules = RuleID.allCases.filter { $0.rawValue.hasPrefix("weights.") }
        let tried = Set(Self.samples.map(\.rule))
        #expect(rules.filter { !tried.contains($0) } == [])
        #expect(rules.allSatisfy { RuleCatalogue.rule($0).verdict <= .review })
    }

    @Test("Ordinary weights have no finding, in one layer and in many")
    func ordinary() {
        let tensors = (0..<40).map { Tensor(Self.noise(2_000 + $0), name: "blk.\($0).attn_q.weight") }
        #expect(WeightFindings(tensors.compactMap(\.measured)).findings == [])
    }

    @Test(
        "Four digits are shown",
        arguments: [
            (0.0, "0"), (1, "1"), (123.456, "123.5"), (123_456, "123500"), (-0.00123456, "-0.001235"), (1e-9, "1e-9"),
            (1.23456e20, "1.235e20"), (0.99999, "1"), (.infinity, "inf"), (9_999.9, "10000"),
        ])
    func rounded(number: Double, text: String) {
        #expect("\(Rounded(number))" == text)
    }
}

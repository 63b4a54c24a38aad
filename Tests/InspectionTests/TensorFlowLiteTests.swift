import Inspection
import ModelFormats
import Testing

@Suite("TensorFlow Lite")
struct TensorFlowLiteTests {
    /// A FlatBuffer with custom operators of these names.
    private static func model(_ names: [String]) -> [UInt8] {
        // The offset of the root table, the mark, the root's field list (two fields) and the root.
        var bytes = Bytes.little(UInt32(16)) + Array("TFL3".utf8) + [8, 0, 8, 0, 0, 0, 4, 0] + Bytes.little(UInt32(8))
        bytes += Bytes.little(UInt32(4)) + Bytes.little(UInt32(names.count))
        let table = bytes.count
        bytes += [UInt8](repeating: 0, count: 4 * names.count)
        for (index, name) in names.enumerated() {
            // The operator's field list is the root's; its second field is its name.
            let code = bytes.count
            let place = table + 4 * index
            bytes.replaceSubrange(place..<place + 4, with: Bytes.little(UInt32(code - place)))
            bytes += Bytes.little(UInt32(code - 8)) + Bytes.little(UInt32(4)) + Bytes.little(UInt32(name.utf8.count))
            bytes += Array(name.utf8) + [0, 0xFF]
        }
        return bytes
    }

    private func inspect(_ bytes: [UInt8]) -> InspectionReport {
        Sample("model", name: "model.tflite", bytes).inspect()
    }

    @Test("Operators by name are found, and a model is never clean")
    func names() throws {
        let bytes = Self.model(["FlexEinsum", "TFLite_Detection_PostProcess"])
        #expect(
            try TensorFlowLiteReader.customOperators(MemoryByteSource(bytes)).map(\.name)
                == ["FlexEinsum", "TFLite_Detection_PostProcess"])
        #expect(inspect(bytes).format == .tensorFlowLite)
        #expect(inspect(bytes).findings.map(\.rule) == [.fileUnsupportedFormat])
        #expect(inspect(Self.model([])).verdict == .undecided)
    }

    @Test("Operators of TensorFlow are judged as in its graphs, others are for a person")
    func rules() {
        #expect(inspect(Self.model(["FlexReadFile"])).findings.last?.rule == .tensorFlowDangerousOperator)
        #expect(inspect(Self.model(["FlexReadFile"])).verdict == .block)
        #expect(inspect(Self.model(["FlexSend"])).findings.last?.rule == .tensorFlowSystemOperator)
        #expect(inspect(Self.model(["ReadFile"])).findings.last?.rule == .tensorFlowUnknownOperator)
    }

    @Test("Offsets are followed within the file, and never trap")
    func broken() {
        let model = Self.model(["FlexReadFile"])
        var random = SeededRandom(seed: 5)
        var verdicts: Set<Verdict> = []
        for _ in 0..<3_000 {
            var bytes = model
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] =
                    [0, 1, 0x7F, 0xFF].randomElement(using: &random) ?? 0
            }
            bytes.removeLast(Int.random(in: 0...4, using: &random))
            verdicts.insert(inspect(bytes).verdict)
        }
        #expect(!verdicts.contains(.clean))
        #expect(verdicts.isSuperset(of: [.undecided, .block]))
    }
}

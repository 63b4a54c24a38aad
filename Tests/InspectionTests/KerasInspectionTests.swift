import Inspection
import ModelFormats
import Testing

@Suite("Models of Keras")
struct KerasInspectionTests {
    private static let dense = KerasModel.layer("Dense")

    @Test(
        "Ordinary models are clean, whatever file they are in",
        arguments: [
            Sample.keras("JSON", dense), .h5("h5", dense), .kerasArchive("keras", dense),
            .h5(
                "old layers",
                KerasModel.layer(
                    "Bidirectional", #""layer":\#(KerasModel.layer("LSTM", module: nil))"#, module: nil)),
            .kerasArchive(
                "objects within objects",
                KerasModel.layer(
                    "Dense",
                    #""kernel_initializer":\#(KerasModel.layer("GlorotUniform", module: "keras.initializers")),"#
                        + #""dtype":\#(KerasModel.layer("DTypePolicy", module: "keras"))"#)),
            .hdf5("weights alone", HDF5Builder.ordinary()),
            .hdf5("pickled attribute", HDF5Builder.ordinary([.text("TITLE", "(lp0\n.")])),
        ])
    func clean(sample: Sample) {
        let report = sample.inspect()
        #expect(report.findings.map(\.rule) == [])
        #expect(report.verdict == .clean)
    }

    @Test("What wrote a model, and of which class it is, is told")
    func facts() {
        let archive = Sample.kerasArchive("keras", Self.dense).inspect()
        #expect(archive[.generator] == "keras 3.4.1")
        #expect(archive[.modelType] == "Sequential")
        let attributes: [HDF5Builder.Message] = [
            .text("model_config", KerasModel.sequential(Self.dense)), .text("keras_version", "2.15.0"),
        ]
        let file = Sample.hdf5("h5", HDF5Builder.ordinary(attributes)).inspect()
        #expect(file[.generator] == "keras 2.15.0")
        #expect(file[.modelType] == "Sequential")
        #expect(file[.tensorCount] == "1")
        #expect(file.format == .hdf5)
    }

    @Test("A finding names the attribute, the layer and the place in the file")
    func places() throws {
        let sample = Sample.h5("lambda", KerasModel.layer("Lambda", #""function":["4wE=",null,null]"#, module: nil))
        let finding = try #require(sample.inspect().findings.first)
        #expect(finding.place.member == "model_config: l")
        let offset = try #require(finding.place.offset)
        #expect(sample.bytes[Int(offset)...].starts(with: #"{"class_name""#.utf8))
    }

    @Test("An attribute that is a pickle is read as one")
    func pickledAttribute() {
        let sample = Sample.hdf5("pickle", HDF5Builder.ordinary([.text("a", "cos\nsystem\n(S'id'\ntR.")]))
        #expect(sample.inspect().findings.map(\.rule) == [.pickleDangerousGlobal])
    }

    @Test("Weights that are elsewhere are found inside an archive")
    func weights() {
        let weights = HDF5Builder.dataset { $0.external("/etc/passwd") }
        let report = Sample.zip(
            "keras",
            [
                .init("config.json", Array(KerasModel.sequential(Self.dense).utf8)), .init("model.weights.h5", weights),
            ], name: "a.keras"
        ).inspect()
        #expect(report.findings.map(\.rule) == [.hdf5ExternalStorage])
        #expect(report.findings.first?.place.member == "model.weights.h5: /d")
    }

    @Test("A description that Keras would read and we would not is undecided")
    func unread() {
        let text = #"{"class_name":"Sequential","config":{"x":NaN}}"#
        let archive = Sample.zip(
            "keras", [.init("config.json", Array(text.utf8)), .init("metadata.json", Array("{}".utf8))], name: "a.keras"
        )
        #expect(archive.inspect().verdict == .undecided)
    }

    @Test("Many dangerous layers are one verdict and a bounded list")
    func many() {
        let layers = (0..<100).map { _ in KerasModel.calling("os", "system") }.joined(separator: ",")
        let report = Sample.keras("many", layers).inspect()
        #expect(report.findings.count { $0.rule == .kerasDangerousObject } == 16)
        #expect(report.findings.last?.rule == .reportTruncated)
        #expect(report.verdict == .block)
    }

    @Test("A file that is HDF5 behind another format is two formats")
    func polyglot() {
        var builder = HDF5Builder()
        builder.endShift = 512
        let hdf5 = builder.build([])
        for head in [Array("cos\nsystem\n(S'id'\ntR.".utf8), [0x80, 4, 0x4E, 0x2E]] {
            let bytes = head + [UInt8](repeating: 0, count: 512 - head.count) + hdf5
            #expect(Sample("both", name: "m.h5", bytes).inspect().findings.contains { $0.rule == .filePolyglot })
        }
    }
}

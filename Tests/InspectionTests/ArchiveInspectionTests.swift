import Inspection
import ModelFormats
import Testing

@Suite("Archives and what is in them")
struct ArchiveInspectionTests {
    private static let script = Array("import os\n".utf8)

    private func found(_ report: InspectionReport) -> [String] {
        report.findings.map { finding in
            let offset = finding.place.offset.map(String.init) ?? "-"
            return "\(finding.rule.rawValue) \(finding.place.member ?? "-") \(offset)"
        }
    }

    @Test(
        "Ordinary archives are clean",
        arguments: [
            Sample.zip("zip") { _ in }, Sample("tar", name: "a.tar", TarBuilder.ordinary.build()),
            Sample("tar.gz", name: "a.tar.gz", Compressor.compress(TarBuilder.ordinary.build(), .gzip)),
            Sample("tzst", name: "a.tzst", Compressor.compress(TarBuilder.ordinary.build(), .zstandard)),
            Sample("json.xz", name: "a.json.xz", Compressor.compress(Array("{}".utf8), .xz)),
            Sample("txt.bz2", name: "a.txt.bz2", Compressor.compress(Array("hello\n".utf8), .bzip2)),
            Sample("npy", name: "a.npy", NumPyBuilder.ordinary.build()),
            Sample.zip(
                "npz",
                [.deflated("a.npy", NumPyBuilder.ordinary.build()), .init("b.npy", NumPyBuilder.ordinary.build())],
                name: "a.npz"),
            Sample.zip("a marker", [.init("p/py.typed", [])]),
            Sample.zip(
                "models",
                [
                    .init("m.gguf", GGUFBuilder.ordinary.build()),
                    .deflated("m.safetensors", SafetensorsBuilder.ordinary.build()),
                ]),
        ])
    func clean(sample: Sample) {
        let report = sample.inspect()
        #expect(found(report) == [])
        #expect(report.verdict == .clean)
        let saysMore = sample.name.hasSuffix(".npy") || sample.title == "models"
        #expect(report.facts.allSatisfy { $0.key == .contents } || saysMore)
    }

    @Test("An archive says of the model in it what the largest weights say, at any depth, and their configuration")
    func packedModel() {
        let gguf = GGUFBuilder.ordinary.build()
        let alone = Sample("m", name: "m.gguf", gguf).inspect()
        let keys: [Fact.Key] = [.architecture, .quantization, .fileType, .parameterCount, .contextLength, .license]
        let tar = TarBuilder([.init("model/m.gguf", gguf), .init("model/README.md", Array("# A model\n".utf8))]).build()
        for sample in [
            Sample("tar", name: "a.tar", tar), Sample("gz", name: "a.tar.gz", Compressor.compress(tar, .gzip)),
            .zip("zip", [.deflated("a.tar", tar)]),
        ] {
            let report = sample.inspect()
            #expect(report[.weightsFormat] == "gguf", "\(sample.title)")
            #expect(report[.architecture] != nil)
            for key in keys { #expect(report[key] == alone[key], "\(sample.title): \(key)") }
        }
        #expect(Sample("text", name: "a.tar", TarBuilder.ordinary.build()).inspect()[.weightsFormat] == nil)
    }

    @Test("Weights in parts are counted together, and licences that differ are none")
    func packedParts() throws {
        let part = SafetensorsBuilder.ordinary.build()
        let count = try #require(
            Sample("p", name: "p.safetensors", part).inspect()[.parameterCount].flatMap { Int($0) })
        let configuration =
            #"{"model_type": "llama", "architectures": ["LlamaForCausalLM"], "max_position_embeddings": 4096}"#
        let tar = TarBuilder([
            .init("model-00001-of-00002.safetensors", part), .init("model-00002-of-00002.safetensors", part),
            .init("config.json", Array(configuration.utf8)),
        ]).build()
        let report = Sample("parts", name: "a.tar", tar).inspect()
        #expect(report[.weightsFormat] == "safetensors")
        #expect(report[.parameterCount] == "\(2 * count)")
        #expect(report[.architecture] == "LlamaForCausalLM")
        #expect(report[.contextLength] == "4096")
    }

    @Test("A report says of which formats everything inside is, at any depth, and that PyTorch made an archive")
    func contents() {
        let inner = Sample.zip(
            "i.zip", [.init("m.gguf", GGUFBuilder.ordinary.build()), .init("a.txt", Array("hello\n".utf8))])
        let outer = Sample.zip("o.zip", [.init("i.zip", inner.bytes), .init("b.json", Array("{}".utf8))])
        #expect(outer.inspect()[.contents] == "gguf,json,text,zip")
        let pickle: [UInt8] = [0x80, 2, 0x7D, 0x71, 0, 0x2E]
        let torch = Sample.zip("m.pt", [.init("m/data.pkl", pickle), .init("m/version", Array("3\n".utf8))])
        #expect(torch.inspect()[.contents] == "pickle,pytorch,text")
        #expect(Sample.zip("e.zip", []).inspect()[.contents] == nil)
    }

    @Test("Findings name the member, through every archive, and where it is stored")
    func places() throws {
        let inner = ZipBuilder([.init("c.py", Self.script)]).build()
        let sample = Sample.zip("nested", [.init("a.py", Self.script), .init("b.zip", inner)])
        let report = sample.inspect()
        #expect(report.findings.map(\.place.member) == ["a.py", "b.zip!/c.py"])
        let offset = try #require(report.findings[1].place.offset)
        #expect(sample.bytes[Int(offset)...].starts(with: Self.script))
        #expect(report.verdict == .review)
    }

    @Test("A member's own places are kept behind its name")
    func inner() {
        let report = Sample.zip(
            "config", [.deflated("m/config.json", Array(#"{"auto_map":{"AutoModel":"x.Y"}}"#.utf8))]
        ).inspect()
        #expect(report.findings.map(\.rule) == [.jsonRemoteCode])
        #expect(report.findings.first?.place.member?.hasPrefix("m/config.json: auto_map") == true)
    }

    @Test("A compressed file is inspected under the name it has without its suffix")
    func compressedName() {
        let report = Sample("script", name: "a.py.gz", Compressor.compress(Self.script, .gzip)).inspect()
        #expect(found(report) == ["text.script - -"])
    }

    @Test("Storages of a torch archive are raw bytes, and what else is there is not")
    func storages() {
        let raw: [UInt8] = [1, 0, 2, 0xFF]
        func rules(_ members: [ZipBuilder.Member]) -> [RuleID] {
            Sample.zip("torch", [.init("m/data.pkl", [0x80, 2, 0x4E, 0x2E])] + members, name: "m.pt").inspect()
                .findings.map(\.rule).filter { $0 != .fileUnsupportedFormat }
        }
        #expect(rules([.init("m/data/0", raw), .init("m/data/17", raw), .init("m/version", [0x33])]) == [])
        #expect(rules([.init("m/other", raw)]) == [.fileUnknownFormat])
        #expect(rules([.init("m/data/x", raw)]) == [.fileUnknownFormat])
        #expect(rules([.init("n/data/0", raw)]) == [.fileUnknownFormat])
        #expect(
            rules([.init("m/data/0", [0x7F, 0x45, 0x4C, 0x46] + [UInt8](repeating: 0, count: 60))]) == [.fileExecutable]
        )
        #expect(rules([ZipBuilder.Member("m/data/0", raw).with { $0.crc ^= 1 }]) == [.archiveChecksum])
        #expect(Sample.zip("plain", [.init("m/data/0", raw)]).inspect().findings.map(\.rule) == [.fileUnknownFormat])
    }

    @Test("Archives are followed to a depth, and what lies deeper is undecided")
    func depth() {
        func nested(_ depth: Int) -> [UInt8] {
            (1..<depth).reduce(ZipBuilder([.init("a.py", Self.script)]).build()) { inner, _ in
                ZipBuilder([.deflated("z.zip", inner)]).build()
            }
        }
        let four = Sample("four", name: "z.zip", nested(4)).inspect()
        #expect(four.findings.map(\.rule) == [.textScript])
        #expect(four.findings.first?.place.member == "z.zip!/z.zip!/z.zip!/a.py")
        let five = Sample("five", name: "z.zip", nested(5)).inspect()
        #expect(five.findings.map(\.rule) == [.fileLimit])
        #expect(five.findings.first?.detail == "limit archive.depthMax")
        #expect(five.verdict == .undecided)
    }

    @Test("What the budget does not reach is one finding, and what is stored is still read")
    func budget() {
        var limits = InspectionLimits.standard
        limits.archive.outputBytesMax = 100
        limits.archive.outputBytesPerByte = 0
        let long = [UInt8](repeating: 0x61, count: 200)
        let report = Sample.zip(
            "bombs", [.deflated("a.txt", long), .deflated("b.txt", long), .init("c.py", Self.script)]
        ).inspect(limits)
        #expect(report.findings.map(\.rule) == [.textScript, .fileLimit])
        #expect(report.findings.last?.place.member == "a.txt")
        #expect(report.findings.last?.detail.hasSuffix("this member and 1 others were not read") == true)
        #expect(report.verdict == .undecided)
    }

    @Test("Members beyond the limit are a finding")
    func members() {
        var limits = InspectionLimits.standard
        limits.archive.membersMax = 2
        let members = (0..<4).map { ZipBuilder.Member("\($0).txt", [0x61]) }
        let report = Sample.zip("many", members).inspect(limits)
        #expect(found(report).map { $0.prefix(16) } == ["file.limit 2.txt"])
        let files = (0..<4).map { TarBuilder.Member("\($0).txt", [0x61]) }
        #expect(Sample.tar("many", files).inspect(limits).findings.map(\.rule) == [.fileLimit])
        limits.archive.membersMax = 4
        #expect(Sample.zip("enough", members).inspect(limits).verdict == .clean)
    }

    @Test("A bomb of every kind ends undecided or blocked")
    func bombs() {
        let zeros = [UInt8](repeating: 0, count: 12 << 20)
        let bombs: [Sample] = [
            Sample("gzip", name: "a.gz", Compressor.compress(zeros, .gzip)),
            Sample("zstd", name: "a.zst", Compressor.compress(zeros, .zstandard)),
            Sample("bzip2", name: "a.bz2", Compressor.compress(zeros, .bzip2)),
            Sample("xz", name: "a.xz", Compressor.compress(zeros, .xz)),
            .zip("zip", [.deflated("a", zeros)]),
        ]
        for bomb in bombs {
            #expect(bomb.inspect().findings.map(\.rule) == [.archiveRatio], "\(bomb.title)")
        }
    }

    @Test("A large member of a compressed archive is read where it is, with those behind it")
    func sequential() throws {
        let large = NumPyBuilder(descr: "'|u1'", shape: "(5000000,)", data: [UInt8](repeating: 7, count: 5_000_000))
        let files: [TarBuilder.Member] = [
            .init("a.py", Self.script), .init("b.npy", large.build()), .init("c.py", Self.script),
        ]
        var random = SeededRandom(seed: 5)
        let data = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        let noise = TarBuilder.Member("n.npy", NumPyBuilder(descr: "'|u1'", shape: "(100000,)", data: data).build())
        let bytes = Compressor.compress(TarBuilder([noise] + files).build(), .gzip)
        let report = Sample("tar.gz", name: "a.tgz", bytes).inspect()
        #expect(report.findings.map(\.place.member) == ["a.py", "c.py"])
        #expect(report.verdict == .review)
    }

    @Test("What looks like a zlib stream and is none is unknown, not malformed")
    func zlib() {
        let stream = Compressor.compress(Self.script, .zlib)
        #expect(Sample("zlib", name: "a.joblib", stream).inspect().verdict == .clean)
        #expect(Sample("more", name: "a", stream + [1]).inspect().findings.map(\.rule) == [.fileUnknownFormat])
    }

    @Test("A ZIP archive whose first name is the header of a tar archive is two formats")
    func polyglot() {
        var bytes = TarBuilder([.init("PK\u{3}\u{4}", [0x61])]).build()
        bytes += ZipBuilder.ordinary.build()
        #expect(Sample("both", name: "a.zip", bytes).inspect().findings.contains { $0.rule == .filePolyglot })
    }

    @Test(
        "A layer of an image may lead wherever its own root is, and nowhere above it",
        arguments: [
            ("/etc/x", "2", true), ("//x", "2", true), ("/", "2", true), ("../usr/x", "2", true), ("x", "1", true),
            ("/usr/x", "1", true), ("../../x", "2", false), ("/../x", "2", false), ("../x", "1", false),
            ("/a/../../x", "2", false), ("", "2", false),
        ])
    func imageLinks(target: String, type: String, isInside: Bool) throws {
        let type = try #require(Unicode.Scalar(type))
        let layer = Sample.layer("layer", [.init("d/a", linkTo: target, type: type)])
        #expect(layer.inspect().findings.map(\.rule) == (isInside ? [] : [.archiveOutsideLink]))
        // Compressed it is still a layer; packed into another archive it is a file.
        var compressed = Sample("tar.gz", name: "a.tar.gz", Compressor.compress(layer.bytes, .gzip))
        compressed.claim = .imageLayer
        #expect(compressed.inspect().findings.map(\.rule) == (isInside ? [] : [.archiveOutsideLink]))
        let packed = Sample.layer("packed", [.init("inner.tar", layer.bytes)])
        #expect(packed.inspect().verdict >= .review)
    }

    @Test("A claim changes nothing about what a layer contains")
    func imageContents() {
        let text = Array("{{ x.__class__ }}".utf8)
        let layer = Sample.layer("layer", [.init("a.jinja", text), .init("/etc/passwd", text)])
        let plain = Sample.tar("tar", [.init("a.jinja", text), .init("/etc/passwd", text)])
        #expect(layer.inspect().findings == plain.inspect().findings)
        var elf = Sample(
            "a program", name: "layers/0.tar", [0x7F, 0x45, 0x4C, 0x46] + [UInt8](repeating: 0, count: 60))
        elf.claim = .imageLayer
        #expect(elf.inspect().verdict == .block)
    }
}

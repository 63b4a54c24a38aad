import Inspection
import ModelFormats

/// A file that breaks a rule and one that barely does not: every rule has one of each, at least.
struct RuleSample: Sendable {
    let rule: RuleID
    let hit: Sample
    let nearMiss: Sample?
    /// The near miss is not read to its end for another reason than this rule.
    let staysUnread: Bool

    init(_ rule: RuleID, _ hit: Sample, butNot nearMiss: Sample? = nil, staysUnread: Bool = false) {
        self.rule = rule
        self.hit = hit
        self.nearMiss = nearMiss
        self.staysUnread = staysUnread
    }

    static let all =
        files + gguf + safetensors + pickles + json + texts + templates + archives + hdf5 + keras + messages + secrets
        + repository

    private static let zipEnd: [UInt8] = [0x50, 0x4B, 5, 6] + [UInt8](repeating: 0, count: 18)
    private static let elf: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 57)

    static let files: [RuleSample] = [
        .init(.fileEmpty, Sample("empty", name: "a.txt", []), butNot: Sample("one byte", name: "a.txt", [0x61])),
        .init(
            .fileUnknownFormat, Sample("noise", name: "a", [1, 0, 2, 0xFF]),
            butNot: Sample("text", name: "a", text: "a")),
        .init(
            .fileUnsupportedFormat, Sample("7z", name: "a", [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]),
            butNot: Sample("almost 7z", name: "a", [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1D])),
        .init(
            .fileUnreadable, Sample("a disk that fails", name: "m.gguf", ggufBytes, readableBytes: 40),
            butNot: Sample("a disk that does not", name: "m.gguf", ggufBytes)),
        .init(
            .fileExtensionMismatch, Sample("a pickle that claims to be GGUF", name: "m.gguf", [0x80, 4, 0x4E, 0x2E]),
            butNot: Sample("a pickle by its name", name: "m.pkl", [0x80, 4, 0x4E, 0x2E])),
        .init(
            .fileExtensionMismatch, Sample("R as text", name: "m.rds", text: "A\n3\n262657\n"),
            butNot: Sample("text", name: "m.txt", text: "A\n3\n262657\n")),
        .init(
            .fileExecutable, Sample("a program", name: "tool", elf),
            butNot: Sample("almost a program", name: "tool", [0x7E] + elf.dropFirst())),
        .init(
            .fileDisguisedExecutable, Sample("a program as weights", name: "m.safetensors", elf),
            butNot: Sample("a library", name: "m.so", elf)),
        .init(
            .filePolyglot, Sample("GGUF and ZIP", name: "m.gguf", GGUFBuilder.ordinary.build() + zipEnd),
            butNot: Sample("GGUF and four letters", name: "m.gguf", GGUFBuilder.ordinary.build() + [0x50, 0x4B, 5, 6])),
        .init(
            .fileLimit, .gguf("too many tensors") { $0.tensorCount = 100_001 },
            butNot: .gguf("more tensors than there are") { $0.tensorCount = 100_000 }, staysUnread: true),
        .init(.reportTruncated, scripts(InspectionLimits.standard.findingsMax), butNot: scripts(499)),
        .init(.reportTooLarge, tensors(6_000), butNot: tensors(3_000)),
    ]

    private static let ggufBytes = GGUFBuilder.ordinary.build()

    /// An archive with a finding in each of its members.
    private static func scripts(_ count: Int) -> Sample {
        .zip("\(count) scripts", (0..<count).map { .init("\($0).py", Array("x = 1\n".utf8)) })
    }

    /// Tensors whose names take six times their length in a report.
    private static func tensors(_ count: Int) -> Sample {
        let name = String(repeating: "<", count: 1_000)
        return .gguf("\(count) tensors") { $0.tensors = (0..<count).map { .init("\(name)\($0)", [0]) } }
    }

    static let safetensors: [RuleSample] = [
        .init(
            .safetensorsMalformed, .safetensors("a shape is missing", #"{"a":{"dtype":"U8","data_offsets":[0,0]}}"#),
            butNot: .safetensors("a shape", #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#)),
        .init(
            .safetensorsTruncated,
            Sample("cut", name: "m.safetensors", Array(SafetensorsBuilder.ordinary.build()[..<40])),
            butNot: Sample("whole", name: "m.safetensors", SafetensorsBuilder.ordinary.build())),
        .init(
            .safetensorsDuplicateName, .safetensors("twice", #"{"__metadata__":{"a":"","a":""}}"#),
            butNot: .safetensors("once", #"{"__metadata__":{"a":"","b":""}}"#)),
        .init(
            .safetensorsLayout, .safetensors("a hole", #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#, 2),
            butNot: .safetensors("no hole", #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#, 2)),
        .init(
            .safetensorsLength, .safetensors("short", #"{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,2]}}"#, 2),
            butNot: .safetensors("right", #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#, 2)),
        .init(
            .safetensorsUnknownMember,
            .safetensors("more", #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"more":1}}"#),
            butNot: .safetensors("no more", #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#)),
        .init(.safetensorsPadding, .safetensors("tab", "{}\t"), butNot: .safetensors("space", "{} ")),
        .init(
            .safetensorsNoTensors, .safetensors("empty", "{}"),
            butNot: .safetensors("one", #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#)),
        .init(
            .safetensorsMetadataCode, .safetensors("code", #"{"__metadata__":{"a":"import os; os.system('id')"}}"#),
            butNot: .safetensors("prose", #"{"__metadata__":{"a":"runs on every operating system (see manual)"}}"#)),
    ]

    static let json: [RuleSample] = [
        .init(.jsonMalformed, .json("a comma too many", #"{"a":1,}"#), butNot: .json("right", #"{"a":1}"#)),
        .init(
            .jsonDuplicateKey, .json("twice", #"{"a":{"b":1,"\u0062":2}}"#),
            butNot: .json("apart", #"{"a":{"b":1},"b":2}"#)),
        .init(
            .jsonRemoteCode, .json("own code", #"{"auto_map":{"AutoModel":"modeling_x.XModel"}}"#),
            butNot: .json("no map", #"{"auto_mapping":{"AutoModel":"x"}}"#)),
        .init(
            .jsonForeignCode, .json("other code", #"{"auto_map":{"AutoModel":["org/repo--modeling_x.XModel",null]}}"#),
            butNot: .json("own code", #"{"auto_map":{"AutoModel":"modeling_x.XModel"}}"#)),
        .init(
            .jsonTrustRemoteCode, .json("trust", #"{"x":{"trust_remote_code":true}}"#),
            butNot: .json("no trust", #"{"trust_remote_code":false}"#)),
        .init(
            .jsonCustomPipeline, .json("pipeline", #"{"custom_pipelines":{"p":{"impl":"code.Pipeline"}}}"#),
            butNot: .json("none", #"{"custom_pipelines":null}"#)),
        .init(
            .jsonForeignKernel, .json("kernel", #"{"_attn_implementation_internal":"evil/kernel"}"#),
            butNot: .json("built in", #"{"_attn_implementation_internal":"flash_attention_2"}"#)),
        .init(
            .jsonOutsidePath, .json("outside", #"{"weight_map":{"a":"../../x.safetensors"}}"#, name: "m.index.json"),
            butNot: .json("inside", #"{"weight_map":{"a":"part..1.safetensors"}}"#, name: "m.index.json")),
    ]

    private static func xml(_ definition: String) -> String {
        "<?xml version='1.0'?>\n<!DOCTYPE PMML [\(definition)]>\n<PMML/>\n"
    }

    static let texts: [RuleSample] = [
        .init(
            .textScript, Sample("python", name: "a.py", text: "x = 1\n"),
            butNot: Sample("text", name: "a.txt", text: "x = 1\n")),
        .init(
            .textScript, Sample("notebook", name: "a.ipynb", text: #"{"cells":[]}"#),
            butNot: Sample("no notebook", name: "a.json", text: #"{"cells":[]}"#)),
        .init(
            .textLFSPointer,
            Sample("pointer", name: "m.bin", text: "version https://git-lfs.github.com/spec/v1\noid x\n"),
            butNot: Sample("text", name: "m.txt", text: "version https://git-lfs.example.com/spec/v1\noid x\n")),
        .init(
            .textControlCharacters, Sample("escape", name: "a.txt", text: "a\u{1B}[2Jb"),
            butNot: Sample("tab", name: "a.txt", text: "a\tb")),
        .init(
            .textBidirectional,
            Sample("reordered", name: "a.txt", text: String(repeating: "x", count: 70) + "\u{202E}"),
            butNot: Sample("joined", name: "a.txt", text: String(repeating: "x", count: 70) + "\u{200D}")),
        .init(
            .textEntities, Sample("PMML", name: "m.pmml", text: xml("<!ENTITY e SYSTEM 'file:///etc/passwd'>")),
            butNot: Sample("PMML", name: "m.pmml", text: xml("<!ELEMENT e (#PCDATA)>"))),
        .init(
            .textEntities,
            Sample("a type elsewhere", name: "m.pmml", text: "<!DOCTYPE PMML SYSTEM 'https://x.example/x.dtd'>\n"),
            butNot: Sample("a page", name: "a.html", text: "<!DOCTYPE html>\n<p>system</p>\n")),
        .init(
            .textScript, Sample("a page", name: "a.html", text: "<html><script>x()</script></html>"),
            butNot: Sample("a page", name: "a.html", text: "<html><p>script</p></html>")),
        .init(
            .textScript, Sample("a start", name: "x/.Rprofile", text: "x <- 1\n"),
            butNot: Sample("a description", name: "x/.Rbuildignore", text: "x\n")),
        .init(
            .textTemplateCode, Sample("yaml", name: "a.yaml", text: "t: \"{{ x.__class__ }}\"\n"),
            butNot: Sample("yaml", name: "a.yaml", text: "t: \"{{ x.class }}\"\n")),
    ]
}

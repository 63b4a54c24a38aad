import Inspection
import ModelFormats
import Testing

@Suite("Models in several files")
struct ShardTests {
    /// A file by its path, inspected alone.
    private static func file(_ path: String, _ bytes: [UInt8]) -> ShardFile {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return ShardFile(path: path, Sample(path, name: name, bytes).inspect())
    }

    /// A safetensors file with a byte for each of the tensors.
    private static func safetensors(_ path: String, _ tensors: [String]) -> ShardFile {
        let members = tensors.enumerated().map { index, name in
            #""\#(name)":{"dtype":"U8","shape":[1],"data_offsets":[\#(index),\#(index + 1)]}"#
        }
        return file(
            path,
            SafetensorsBuilder("{\(members.joined(separator: ","))}", dataBytes: tensors.count).build())
    }

    private static func index(_ map: [String: String], at path: String = "model.safetensors.index.json") -> ShardFile {
        let members = map.map { #""\#($0)":"\#($1)""# }
        return file(path, Array(#"{"weight_map":{\#(members.joined(separator: ","))}}"#.utf8))
    }

    /// Part `number`, counted from 1, of a GGUF model, with that many tensors.
    private static func gguf(
        _ path: String, _ number: UInt32, of count: UInt32, tensors: Int = 1, told: UInt32 = 2
    ) -> ShardFile {
        var builder = GGUFBuilder.ordinary
        builder.pair("split.no", 2, Bytes.little(UInt16(number - 1)))
        builder.pair("split.count", 2, Bytes.little(UInt16(count)))
        builder.pair("split.tensors.count", 5, Bytes.little(told))
        builder.tensors = (0..<tensors).map { .init("blk.\(number).t\($0)", [32]) }
        return file(path, builder.build())
    }

    private static let first = "model-00001-of-00002.safetensors"
    private static let second = "model-00002-of-00002.safetensors"
    private static let whole = [
        safetensors(first, ["a", "b"]), safetensors(second, ["c"]),
        index(["a": first, "b": first, "c": second]),
    ]

    private func found(_ files: [ShardFile]) -> [String] {
        ShardSet.findings(in: files).map { "\(files[$0.file].path): \($0.finding.rule.rawValue)" }
    }

    @Test("Nothing is said about a model that is whole")
    func complete() {
        #expect(found(Self.whole) == [])
        #expect(
            found([Self.gguf("m-00001-of-00002.gguf", 1, of: 2), Self.gguf("m-00002-of-00002.gguf", 2, of: 2)]) == [])
        #expect(found([Self.gguf("one.gguf", 1, of: 1)]) == [])
        #expect(found([Self.safetensors("model.safetensors", ["a"])]) == [])
        #expect(found([Self.file("a-00001-of-00002.txt", [0x61])]) == [])
        #expect(found([]) == [])
    }

    @Test("A file that the index names and that is not there is missing, in whatever folder the index is")
    func missing() {
        let files = [Self.whole[0], Self.whole[2]]
        #expect(found(files) == ["model.safetensors.index.json: repository.missing-shard"])
        #expect(ShardSet.findings(in: files)[0].finding.detail == "1 of 2 files: \(Self.second)")
        let index = Self.index(["a": "x.bin", "b": "./sub/y.bin"], at: "unet/x.index.json")
        #expect(found([index, Self.file("x.bin", [1]), Self.file("unet/sub/y.bin", [1])]).count == 1)
        #expect(found([index, Self.file("unet/x.bin", [1]), Self.file("unet/sub/y.bin", [1])]) == [])
    }

    @Test("A file that leads out of the folder is blocked by the index alone, and looked for nowhere")
    func outside() {
        #expect(found([Self.index(["a": "../x.safetensors"]), Self.file("x.safetensors", [1])]) == [])
        let report = Sample.json("outside", #"{"weight_map":{"a":"../x.safetensors"}}"#).inspect()
        #expect(report.verdict == .block)
    }

    @Test("A file of the same family that the index does not name is said, and so is one that loaders prefer")
    func unlisted() {
        let other = Self.safetensors("model-00001-of-00001.safetensors", ["a"])
        #expect(found(Self.whole + [other]) == ["model-00001-of-00001.safetensors: repository.unlisted-shard"])
        let single = Self.safetensors("model.safetensors", ["a"])
        #expect(found(Self.whole + [single]) == ["model.safetensors: repository.unlisted-shard"])
        let apart = Self.safetensors("other-00001-of-00001.safetensors", ["a"])
        let consolidated = Self.safetensors("consolidated.safetensors", ["a"])
        #expect(found(Self.whole + [apart, consolidated]) == [])
        // A folder of its own has its own models.
        #expect(found(Self.whole + [Self.safetensors("old/\(other.path)", ["a"])]) == [])
    }

    @Test(
        "Tensors that are not those of the index are a contradiction",
        arguments: [["a"], ["a", "x"], ["a", "b", "c"], ["b", "a"]])
    func mismatch(tensors: [String]) {
        let files = [Self.safetensors(Self.first, tensors), Self.whole[1], Self.whole[2]]
        // Their order does not matter.
        let isSame = tensors.sorted() == ["a", "b"]
        #expect(found(files) == (isSame ? [] : ["\(Self.first): repository.shard-mismatch"]))
    }

    @Test("Parts are missed by their names where there is no index", arguments: ["safetensors", "bin", "gguf"])
    func parts(suffix: String) {
        let files = [1, 3].map { Self.file("w/m-0000\($0)-of-00004.\(suffix)", [0x61]) }
        #expect(found(files) == ["w/m-00001-of-00004.\(suffix): repository.missing-shard"])
        let detail = ShardSet.findings(in: files).first?.finding.detail
        #expect(detail == "2 of 4 parts: m-00002-of-00004.\(suffix), m-00004-of-00004.\(suffix)")
    }

    @Test("Parts of a GGUF model are missed by what they say, whatever they are called")
    func unnamedParts() {
        #expect(found([Self.gguf("a.gguf", 1, of: 2)]) == ["a.gguf: repository.missing-shard"])
        #expect(found([Self.gguf("a.gguf", 1, of: 2), Self.gguf("b.gguf", 2, of: 2)]) == [])
        #expect(found([Self.gguf("a.gguf", 1, of: 2), Self.gguf("b.gguf", 1, of: 2)]).count == 1)
        let huge = ShardSet.findings(in: [Self.gguf("a.gguf", 1, of: 60_000)])
        #expect(
            huge[0].finding.detail == "59999 of 60000 parts: number 2, number 3, number 4, number 5, number 6 and more")
    }

    @Test("Parts of a GGUF model that do not belong together are a contradiction")
    func partMismatch() {
        let name = "m-00001-of-00002.gguf"
        let second = Self.gguf("m-00002-of-00002.gguf", 2, of: 2)
        #expect(found([Self.gguf(name, 2, of: 2), second]) == ["\(name): repository.shard-mismatch"])
        #expect(found([Self.gguf(name, 1, of: 3), second]) == ["\(name): repository.shard-mismatch"])
        #expect(found([Self.gguf(name, 1, of: 2, tensors: 2), second]) == ["\(name): repository.shard-mismatch"])
        #expect(found([Self.gguf(name, 1, of: 2, told: 3), second]) == ["\(name): repository.shard-mismatch"])
        #expect(found([Self.file(name, GGUFBuilder.ordinary.build()), second]).count == 1)
    }

    @Test("What a file says about its parts survives the report")
    func roundTrip() throws {
        let sample = Sample.json("index", #"{"weight_map":{"a":"x","b":"\u00e9","c":"x"}}"#)
        let report = sample.inspect()
        let read = try InspectionReport(decoding: report.encoded(), fileSizeBytes: UInt64(sample.bytes.count))
        #expect(read.weightIndex == report.weightIndex)
        #expect(read.weightIndex?.shards.map(\.file) == ["x", "é"])
        #expect(read.weightIndex?.shards.map(\.tensors.count) == [2, 1])
    }

    @Test("An index with too many files is undecided")
    func tooMany() {
        func map(_ count: Int) -> Sample {
            .json("index", #"{"weight_map":{\#((0..<count).map { #""\#($0)":"\#($0)""# }.joined(separator: ","))}}"#)
        }
        #expect(map(WeightIndex.shardsMax).inspect().verdict == .clean)
        #expect(map(WeightIndex.shardsMax + 1).inspect().findings.map(\.rule) == [.repositoryShardIndex])
    }
}

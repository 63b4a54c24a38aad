import Inspection
import ModelFormats
import RegistryCommands
import StrictJSON
import Testing

@Suite("inspect --opcodes and --map")
struct InspectViewTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    /// Protocol 4: `posix.system("true")` by STACK_GLOBAL and REDUCE, then STOP.
    private static let pickle: [UInt8] =
        [0x80, 4, 0x8C, 5] + Array("posix".utf8) + [0x94, 0x8C, 6] + Array("system".utf8)
        + [0x94, 0x93, 0x8C, 4] + Array("true".utf8) + [0x85, 0x52, 0x2E]

    @Test("Opcodes are listed with offset, argument and the rule that what they name breaks")
    func opcodes() async throws {
        let file = try scratch.write("m.pkl", Self.pickle)
        let outcome = await securectl(["inspect", "--opcodes", file])
        #expect(outcome.status == 0)
        let lines = outcome.out.split(separator: "\n").map(String.init)
        #expect(lines.count == 10)
        #expect(lines[0].hasSuffix("0  PROTO             4"))
        #expect(lines[1].hasSuffix("2  SHORT_BINUNICODE  'posix'"))
        #expect(lines[5].contains("19  STACK_GLOBAL"))
        #expect(lines[5].hasSuffix("! block pickle.dangerous-global posix.system"))
        #expect(lines[9].hasSuffix("28  STOP"))
        #expect(outcome.err == "10 opcodes.\n")

        let json = await securectl(["inspect", "--opcodes", file, "--output", "json"])
        let rows = json.out.split(separator: "\n").compactMap { line in
            Outcome(status: 0, out: String(line), err: "").json?.asObject
        }
        #expect(rows.count == 10)
        #expect(rows[5]["rule"]?.asString == "pickle.dangerous-global")
        #expect(rows[5]["verdict"]?.asString == "block")
        #expect(rows[0]["argument"]?.asString == "4")
    }

    @Test("Text of the old protocols: numbers, names twice, escapes that a terminal would obey")
    func oldProtocol() async throws {
        let stream = "cos\nsystem\n(S'\u{1B}[31mx'\ntRcos\nsystem\nI5\nL7L\nF1.5\nV\u{202E}y\n."
        let file = try scratch.write("old.pkl", stream)
        let outcome = await securectl(["inspect", "--opcodes", file])
        #expect(outcome.status == 0)
        #expect(!outcome.out.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" })
        #expect(outcome.out.contains("'\\u{1b}[31mx'") || outcome.out.contains("\\u{1b}[31mx"))
        let named = outcome.out.split(separator: "\n").filter { $0.contains("! block") }
        #expect(named.count == 2)
    }

    @Test("A broken stream is listed up to what breaks it, and what lies behind is counted")
    func broken() async throws {
        let file = try scratch.write("broken.pkl", Array(Self.pickle.dropLast()) + [0xFF, 1, 2, 3])
        let outcome = await securectl(["inspect", "--opcodes", file])
        #expect(outcome.out.contains("?                 0xff  ! block pickle.malformed"))
        #expect(outcome.err == "10 opcodes, 3 B behind them.\n")
    }

    @Test("Numbers of any length are shown, and a stream that ends inside of an opcode shows that one last")
    func numbers() async throws {
        let long = [0x80, 2, 0x8A, 10] + [UInt8](repeating: 0xAB, count: 10) + [0x8A, 2, 0xFE, 0xFF, 0x8A, 0, 0x2E]
        let outcome = await securectl(["inspect", "--opcodes", try scratch.write("long.pkl", long)])
        #expect(outcome.status == 0)
        let lines = outcome.out.split(separator: "\n").map(String.init)
        #expect(lines.count == 5)
        #expect(lines[1].hasSuffix("LONG1             10 bytes: abababababababababab"))
        #expect(lines[2].hasSuffix("LONG1             -2"))
        #expect(lines[3].hasSuffix("LONG1             0"))

        let cut = try scratch.write("cut.pkl", [0x80, 2, 0x58, 200, 0, 0, 0, 0x61])
        let short = await securectl(["inspect", "--opcodes", cut])
        #expect(short.status == 0)
        #expect(short.out.hasSuffix("BINUNICODE        ! block pickle.malformed\n"))
    }

    @Test("A pickle in an archive is named by its way; an archive says which there are")
    func member() async throws {
        let archive = try scratch.write("m.pt", StoredZip.bytes([("m/data.pkl", Self.pickle), ("m/x", [1, 2])]))
        let outcome = await securectl(["inspect", "--opcodes", "\(archive)!/m/data.pkl"])
        #expect(outcome.status == 0)
        #expect(outcome.out.contains("posix.system"))
        let whole = await securectl(["inspect", "--opcodes", archive])
        #expect(whole.status == 65)
        #expect(whole.err.contains("\(archive)!/m/data.pkl"))
        let missing = await securectl(["inspect", "--opcodes", "\(archive)!/m/other"])
        #expect(missing.status == 66)
        #expect(missing.err.contains("m/data.pkl"))
        let text = try scratch.write("config.json", "{}")
        #expect(await securectl(["inspect", "--opcodes", text]).status == 65)
    }

    @Test("A map accounts for every byte of a GGUF file")
    func map() async throws {
        let bytes = SmallGGUF.bytes()
        let file = try scratch.write("m.gguf", bytes)
        let outcome = await securectl(["inspect", "--map", file, "--output", "json"])
        #expect(outcome.status == 0)
        let regions = (outcome.json?.asObject?["regions"]?.asArray ?? []).compactMap(\.asObject)
        #expect(
            regions.map { $0["kind"]?.asString } == ["header", "metadata", "tensor-list", "padding", "tensor"])
        var cursor: UInt64 = 0
        for region in regions {
            #expect(region["start"]?.asNumber?.uint64 == cursor)
            cursor = region["end"]?.asNumber?.uint64 ?? 0
        }
        #expect(cursor == UInt64(bytes.count))
        #expect(regions.last?["shape"]?.asArray?.compactMap { $0.asNumber?.uint64 } == [4])

        let longer = try scratch.write("longer.gguf", bytes + [UInt8](repeating: 7, count: 100))
        let table = await securectl(["inspect", "--map", longer])
        #expect(table.out.contains("trailing"))
        let text = try scratch.write("a.txt", "hello\n")
        #expect(await securectl(["inspect", "--map", text]).status == 65)
    }

    @Test("A drawing is XML without scripts or addresses to fetch, whatever tensors are called")
    func drawing() async throws {
        let file = try scratch.write("m.gguf", SmallGGUF.bytes())
        let target = "\(scratch.path)/map.svg"
        #expect(await securectl(["inspect", "--map", file, "--output", "svg", "--report", target]).status == 0)
        let text = String(decoding: try #require(scratch.read("map.svg")), as: UTF8.self)
        #expect(text.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\""))
        #expect(text.hasSuffix("</svg>\n"))
        #expect(text.contains("<title>tensor blk.0.attn_q.weight F32: "))
        #expect(!text.contains("<script") && !text.contains("href"))
        #expect(text.components(of: "<g ") == text.components(of: "</g>"))

        let header = #"{"<script>&\"":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#
        let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
        let odd = try scratch.write("odd.safetensors", length + Array(header.utf8) + [1, 2])
        let drawn = await securectl(["inspect", "--map", odd, "--output", "svg"])
        #expect(drawn.status == 0)
        #expect(!drawn.out.contains("<script"))
        #expect(drawn.out.contains("&lt;script&gt;&amp;&quot;"))
    }

    @Test("Views are for one file, by themselves, in formats that they have")
    func usage() async throws {
        let file = try scratch.write("m.pkl", Self.pickle)
        for arguments in [
            ["--opcodes", "--map", file], ["--opcodes", file, file], ["--map", file, "--output", "sarif"],
            ["--opcodes", file, "--output", "svg"], ["--opcodes", file, "--weights"], [file, "--output", "svg"],
            ["--opcodes", file, "--report", "\(scratch.path)/x"],
        ] {
            #expect(await securectl(["inspect"] + arguments).status == 64, "\(arguments)")
        }
        let absent = await securectl(["inspect", "--opcodes", file], inspector: AbsentInspector())
        #expect(absent.status == 12)
    }
}

extension String {
    fileprivate func components(of text: String) -> Int { ranges(of: text).count }
}

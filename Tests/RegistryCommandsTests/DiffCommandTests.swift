import RegistryCommands
import StrictJSON
import Testing

@Suite("diff")
struct DiffCommandTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func files(_ arguments: [String], status: Int32) async -> [JSONObject] {
        let outcome = await securectl(["diff", "--output", "json"] + arguments)
        #expect(outcome.status == status, "\(outcome.out)\(outcome.err)")
        return (outcome.json?.asObject?["files"]?.asArray ?? []).compactMap(\.asObject)
    }

    private func parts(_ file: JSONObject?) -> [String] {
        (file?["parts"]?.asArray ?? []).compactMap(\.asObject).map { part in
            ["kind", "status", "name"].compactMap { part[$0]?.asString }.joined(separator: " ")
        }
    }

    /// A GGUF file with tensors of four numbers, and metadata.
    private static func gguf(_ tensors: [(String, UInt8)], _ metadata: [(String, String)]) -> [UInt8] {
        func number<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
            withUnsafeBytes(of: value.littleEndian) { Array($0) }
        }
        func text(_ text: String) -> [UInt8] { number(UInt64(text.utf8.count)) + Array(text.utf8) }
        var bytes = Array("GGUF".utf8) + number(UInt32(3)) + number(UInt64(tensors.count))
        bytes += number(UInt64(metadata.count))
        for (key, value) in metadata { bytes += text(key) + number(UInt32(8)) + text(value) }
        for (index, tensor) in tensors.enumerated() {
            bytes += text(tensor.0) + number(UInt32(1)) + number(UInt64(4)) + number(UInt32(0))
            bytes += number(UInt64(index * 32))
        }
        while !bytes.count.isMultiple(of: 32) { bytes.append(0) }
        for (_, byte) in tensors { bytes += [UInt8](repeating: byte, count: 16) + [UInt8](repeating: 0, count: 16) }
        return bytes
    }

    private static let architecture = ("general.architecture", "llama")

    @Test("The same bytes are 0, anything else is 1")
    func statuses() async throws {
        let first = try scratch.write("a.gguf", Self.gguf([("x", 1)], [Self.architecture]))
        let second = try scratch.write("b.gguf", Self.gguf([("x", 1)], [Self.architecture]))
        #expect(await files([first, second], status: 0).first?["status"]?.asString == "same")
        for index in [4, 40, 100] {
            var bytes = Self.gguf([("x", 1)], [Self.architecture])
            bytes[bytes.count - index % bytes.count - 1] ^= 1
            let other = try scratch.write("c.gguf", bytes)
            #expect(await securectl(["diff", first, other]).status != 0, "\(index)")
        }
        #expect(await securectl(["diff", first, "\(scratch.path)/missing"]).status == 66)
        #expect(await securectl(["diff", first]).status == 64)
        #expect(await securectl(["diff", first, second, "--output", "sarif"]).status == 64)
        #expect(await securectl(["diff", first, second], inspector: AbsentInspector()).status == 12)
    }

    @Test("Tensors and metadata are told apart: added, removed, changed")
    func tensors() async throws {
        let first = try scratch.write(
            "a.gguf", Self.gguf([("same", 1), ("gone", 2), ("data", 3)], [Self.architecture, ("general.name", "one")]))
        let second = try scratch.write(
            "b.gguf", Self.gguf([("data", 4), ("same", 1), ("new", 2)], [Self.architecture, ("general.name", "two")]))
        let files = await files([first, second], status: 1)
        #expect(
            parts(files.first) == [
                "tensor removed gone", "tensor added new", "tensor changed data", "metadata changed general.name",
            ])
        let table = await securectl(["diff", first, second])
        #expect(table.out.contains("general.name: string one → string two"))
        #expect(table.out.contains("data: F32 [4] → F32 [4], other data"))
    }

    @Test("Bytes outside of tensors count, and so does where tensors lie")
    func layout() async throws {
        let first = try scratch.write("a.gguf", Self.gguf([("x", 1)], [Self.architecture]))
        let second = try scratch.write("b.gguf", Self.gguf([("x", 1)], [Self.architecture]) + [1, 2, 3])
        #expect(parts(await files([first, second], status: 1).first) == ["bytes changed outside of tensors"])
        let third = try scratch.write("c.gguf", Self.gguf([("x", 1), ("y", 1)], [Self.architecture]))
        let fourth = try scratch.write("d.gguf", Self.gguf([("y", 1), ("x", 1)], [Self.architecture]))
        #expect(parts(await files([third, fourth], status: 1).first).count == 1)
    }

    @Test("Templates are compared line by line, and shown so that a terminal is not misled")
    func templates() async throws {
        let key = "tokenizer.chat_template"
        let first = try scratch.write(
            "a.gguf", Self.gguf([("x", 1)], [Self.architecture, (key, "one\ntwo\nthree\nfour")]))
        let second = try scratch.write(
            "b.gguf", Self.gguf([("x", 1)], [Self.architecture, (key, "one\nt\u{1B}wo\nthree\nfour\nfive")]))
        let outcome = await securectl(["diff", first, second])
        #expect(outcome.status == 1)
        #expect(!outcome.out.contains("\u{1B}"))
        let shown = outcome.out.split(separator: "\n").map { $0.drop { $0 == " " } }
        #expect(shown.contains("- two") && shown.contains("+ t\\u{1b}wo") && shown.contains("+ five"))
        #expect(shown.contains("… 2 lines …"))
    }

    @Test("Directories are compared file by file, archives member by member, links not at all")
    func directories() async throws {
        try scratch.write("a/same.json", "{}")
        try scratch.write("b/same.json", "{}")
        try scratch.write("a/gone.txt", "x")
        try scratch.write("b/sub/new.txt", "x")
        try scratch.write("a/m.zip", StoredZip.bytes([("one", [1]), ("two", [2])]))
        try scratch.write("b/m.zip", StoredZip.bytes([("one", [1]), ("two", [3]), ("three", [])]))
        try scratch.write("a/note.md", "# Title\nold\n")
        try scratch.write("b/note.md", "# Title\nnew\n")
        let files = await files(["\(scratch.path)/a", "\(scratch.path)/b"], status: 1)
        let statuses = files.map { "\($0["status"]?.asString ?? "") \($0["path"]?.asString ?? "")" }
        #expect(
            statuses == [
                "removed gone.txt", "changed m.zip", "changed note.md", "same same.json", "added sub/new.txt",
            ])
        #expect(parts(files[1]) == ["member added three", "member changed two"])
        let lines = files[2]["texts"]?.asArray?.first?.asObject?["lines"]?.asArray ?? []
        #expect(lines.compactMap { $0.asObject?["added"]?.asString } == ["new"])
        try #require(symlinked("/etc/passwd", "\(scratch.path)/b/link"))
        #expect(await securectl(["diff", "\(scratch.path)/a", "\(scratch.path)/b"]).status == 12)
    }

    @Test("Lines: the fewest changes, whatever is repeated; very long texts count as replaced")
    func lines() {
        let difference = LineDifference(["a", "b", "c", "a"], ["b", "c", "x", "a"])
        #expect(difference.changes == [.removed("a"), .same(2), .added("x"), .same(1)])
        #expect(LineDifference([], []).changes == [])
        #expect(LineDifference(["a"], ["a"]).changes == [.same(1)])
        #expect(LineDifference(["é"], ["e\u{301}"]).changes == [.removed("é"), .added("e\u{301}")])
        let long = LineDifference((0..<3_000).map { "\($0)" }, (0..<3_000).map { "x\($0)" })
        #expect(long.changes.count == 6_000)
    }
}

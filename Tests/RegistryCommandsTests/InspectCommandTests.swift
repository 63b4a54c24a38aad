import RegistryCommands
import StrictJSON
import Testing

/// A GGUF file with one F32 tensor of four elements.
enum SmallGGUF {
    static func bytes(tensorOffset: UInt64 = 0) -> [UInt8] {
        var bytes = Array("GGUF".utf8) + number(UInt32(3)) + number(UInt64(1)) + number(UInt64(1))
        bytes += text("general.architecture") + number(UInt32(8)) + text("llama")
        bytes += text("blk.0.attn_q.weight") + number(UInt32(1)) + number(UInt64(4)) + number(UInt32(0))
        bytes += number(tensorOffset)
        while !bytes.count.isMultiple(of: 32) { bytes.append(0) }
        return bytes + [UInt8](repeating: 0x3F, count: 16)
    }

    private static func number<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    private static func text(_ text: String) -> [UInt8] {
        number(UInt64(text.utf8.count)) + Array(text.utf8)
    }
}

@Suite("inspect and gguf")
struct InspectCommandTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    @Test("The worst file decides")
    func worst() async throws {
        let clean = try scratch.write("clean.gguf", SmallGGUF.bytes())
        let bad = try scratch.write("bad.gguf", SmallGGUF.bytes(tensorOffset: 1 << 40))
        #expect(await securectl(["inspect", clean]).status == 0)
        let both = await securectl(["inspect", clean, bad])
        #expect(both.status == 11)
        #expect(both.out.contains("block"))
    }

    @Test("A directory is inspected whole; a link in it is not passed over")
    func directory() async throws {
        try scratch.write("d/a.gguf", SmallGGUF.bytes())
        #expect(await securectl(["inspect", "\(scratch.path)/d"]).status == 0)
        try #require(symlinked("/etc/passwd", "\(scratch.path)/d/link"))
        let outcome = await securectl(["inspect", "\(scratch.path)/d", "-o", "json"])
        #expect(outcome.status == 12)
        #expect(outcome.json?.asObject?["files"]?.asArray?.count == 2)
    }

    @Test("Without an inspector nothing is clean")
    func noInspector() async throws {
        let clean = try scratch.write("clean.gguf", SmallGGUF.bytes())
        #expect(await securectl(["inspect", clean], inspector: AbsentInspector()).status == 12)
        #expect(await securectl(["gguf", "manifest", clean], inspector: AbsentInspector()).status == 12)
    }

    @Test("A manifest verifies its own file and finds every flipped bit of it")
    func manifest() async throws {
        let bytes = SmallGGUF.bytes()
        let file = try scratch.write("a.gguf", bytes)
        let made = await securectl(["gguf", "manifest", file])
        #expect(made.status == 0)
        let manifest = try scratch.write("a.json", made.out)
        let verified = await securectl(["gguf", "verify-manifest", file, manifest])
        #expect(verified.status == 0)
        #expect(verified.out == "PASS: all tensors match manifest\n")

        for byte in bytes.count - 16..<bytes.count {
            var changed = bytes
            changed[byte] ^= 1 << UInt8(byte % 8)
            let file = try scratch.write("changed.gguf", changed)
            let outcome = await securectl(["gguf", "verify-manifest", file, manifest])
            #expect(outcome.status == 11)
        }
    }

    @Test("A fingerprint names the file's digest and tensors")
    func fingerprint() async throws {
        let file = try scratch.write("a.gguf", SmallGGUF.bytes())
        let outcome = await securectl(["gguf", "fingerprint", file])
        #expect(outcome.json?.asObject?["tensor_count"]?.asNumber?.uint64 == 1)
        #expect(outcome.json?.asObject?["architecture"]?.asString == "llama")
    }

    @Test("What is no GGUF file or no manifest is 65, what is not there 66")
    func wrongFiles() async throws {
        let file = try scratch.write("a.gguf", SmallGGUF.bytes())
        let text = try scratch.write("a.txt", "hello\n")
        #expect(await securectl(["gguf", "fingerprint", text]).status == 65)
        #expect(await securectl(["gguf", "verify-manifest", file, text]).status == 65)
        #expect(await securectl(["gguf", "fingerprint", "\(scratch.path)/missing"]).status == 66)
        #expect(await securectl(["gguf", "fingerprint", scratch.path]).status == 66)
    }
}

import ModelFormats
import Testing

@Suite("Format detection")
struct FormatDetectorTests {
    private func detect(_ bytes: [UInt8]) throws -> FormatDetector.Detection {
        try FormatDetector.detect(MemoryByteSource(bytes))
    }

    @Test(
        "Texts are told apart by how they begin",
        arguments: [
            ("hello\n", FileFormat.text), ("# Title\n", .text), ("#!/bin/sh\n", .script), ("  {\"a\":1}", .json),
            ("[1]", .json),
            ("{% if x %}", .template), ("{{ x }}", .template), ("\n{# note #}", .template), ("MZ is a text\n", .text),
            ("PAR1 is a text\n", .text), ("cat\ndog\nbird\n", .text), ("(see below)\n", .text),
            ("Once upon a time.", .text),
            ("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", .gitLFSPointer),
        ])
    func texts(text: String, format: FileFormat) throws {
        let detection = try detect(Array(text.utf8))
        #expect(detection.format == format)
        #expect(detection.text?.isText == true)
        #expect(detection.second == nil)
    }

    @Test(
        "Binary formats are told apart by their marks",
        arguments: [
            ([0x50, 0x4B, 3, 4], FileFormat.zip), ([0x1F, 0x8B, 8], .gzip), ([0x28, 0xB5, 0x2F, 0xFD], .zstandard),
            ([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1], .numpy),
            ([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A], .hdf5),
            ([0x7F, 0x45, 0x4C, 0x46, 2], .elf), ([0x4D, 0x5A, 0x90, 0, 3], .portableExecutable),
            ([0xCF, 0xFA, 0xED, 0xFE], .machO), ([0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, 2], .machO),
            ([0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, 61], .javaClass), ([0, 0x61, 0x73, 0x6D, 1], .webAssembly),
            ([0x80, 4, 0x95], .pickle), ([0x80, 2, 0x7D], .pickle), ([0x08, 0x08, 0x12, 1, 0x61], .onnx),
            ([0x0A, 0x0E, 0x0A, 0x05, 0, 0x3C], .protobuf), ([1, 2, 3, 0, 0xFF], .unknown), ([0], .unknown),
        ] as [([UInt8], FileFormat)])
    func marks(bytes: [UInt8], format: FileFormat) throws {
        #expect(try detect(bytes).format == format)
    }

    @Test("An empty file is empty")
    func empty() throws {
        #expect(try detect([]).format == .empty)
    }

    @Test(
        "Pickles that look like text are pickles",
        arguments: [
            "cos\nsystem\n(S'id'\ntR.", "(cos\nsystem\nS'id'\no.", "(S'id'\nios\nsystem\n.", "(lp0\nI1\na.", "I1\n.",
            "cos\nsystem\n(S'id'\ntRbroken", "I1\n.cos\nsystem\n(S'id'\ntR.",
            "V\(String(repeating: "x", count: 5000))\n0cos\nsystem\n(S'id'\ntR.",
        ])
    func textPickles(text: String) throws {
        #expect(try detect(Array(text.utf8)).format == .pickle)
    }

    @Test("GGUF and safetensors are recognised")
    func tensors() throws {
        #expect(try detect(GGUFBuilder.ordinary.build()).format == .gguf)
        #expect(try detect(SafetensorsBuilder.ordinary.build()).format == .safetensors)
        #expect(try detect(SafetensorsBuilder("{}").build()).format == .safetensors)
        #expect(try detect(SafetensorsBuilder("{1}").build()).format != .safetensors)
    }

    @Test("A tar archive is recognised by its middle")
    func tar() throws {
        var bytes = [UInt8](repeating: 0, count: 1024)
        bytes[0] = 0x61
        bytes.replaceSubrange(257..<262, with: Array("ustar".utf8))
        #expect(try detect(bytes).format == .tar)
    }

    @Test("A ZIP archive behind another format is found, and its four letters alone are not")
    func polyglot() throws {
        let end: [UInt8] = [0x50, 0x4B, 5, 6] + [UInt8](repeating: 0, count: 18)
        let model = GGUFBuilder.ordinary.build()
        #expect(try detect(model + end).second?.offset == UInt64(model.count))
        #expect(try detect(model + end + [UInt8](repeating: 1, count: 60_000)).second?.format == .zip)
        #expect(try detect(model).second == nil)
        // More entries on this disk than in all, or a directory that ends behind its own end record.
        var lie = end
        lie[8] = 1
        #expect(try detect(model + lie).second == nil)
        lie = end
        lie[14] = 0xFF
        #expect(try detect(model + lie).second == nil)
        #expect(try detect(Array("text ".utf8) + end).second == nil)
    }

    @Test("Control characters and reordering are found where people read")
    func survey() throws {
        func survey(_ text: String) throws -> TextSurvey { try TextSurvey.survey(MemoryByteSource(Array(text.utf8))) }
        let line = String(repeating: "x", count: 64)
        #expect(try survey("a\tb\r\n\u{C}").controlOffset == nil)
        #expect(try survey("ab\u{1B}[0m").controlOffset == 2)
        #expect(try survey("ab\u{7F}").controlOffset == 2)
        #expect(try survey("ab\u{85}").controlOffset == 2)
        #expect(try survey("ab\u{A0}").controlOffset == nil)
        #expect(try survey("\u{202E}\(line)").bidirectionalOffset == 0)
        #expect(try survey("x\n\(line)\u{2066}\n").bidirectionalOffset == 66)
        #expect(try survey("\u{202E}\nshort\n").bidirectionalOffset == nil)
        #expect(try survey("\(line)\u{200B}").bidirectionalOffset == nil)
        #expect(try survey("a\0b").isText == false)
    }

    @Test("Text that is cut within a character is no text")
    func cut() throws {
        #expect(try detect([0x61, 0xC3]).format == .unknown)
        #expect(try detect([0x61, 0xC3, 0xA9]).format == .text)
    }

    @Test("Text of several windows is read to its end")
    func long() throws {
        var bytes = [UInt8](repeating: 0x61, count: 600_000)
        #expect(try detect(bytes).format == .text)
        bytes[599_999] = 0xFF
        #expect(try detect(bytes).format == .unknown)
    }
}

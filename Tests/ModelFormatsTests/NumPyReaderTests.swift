import ModelFormats
import Testing

@Suite("NumPy arrays")
struct NumPyReaderTests {
    private func read(_ builder: NumPyBuilder) throws -> NumPyArray {
        try NumPyReader.read(MemoryByteSource(builder.build()))
    }

    private func array(_ descr: String, _ shape: String = "(2,)") throws -> NumPyArray {
        try read(NumPyBuilder(descr: descr, shape: shape, data: []))
    }

    @Test("Shape, type and length are read, in every version", arguments: [UInt8(1), 2, 3])
    func ordinary(version: UInt8) throws {
        var builder = NumPyBuilder.ordinary
        builder.version = version
        let array = try read(builder)
        #expect(array.shape == [2, 3])
        #expect(array.dataBytes == 24)
        #expect(array.dataOffset + 24 == UInt64(builder.build().count))
    }

    @Test(
        "Types have their sizes",
        arguments: [
            ("'<f8'", 8), ("'|b1'", 1), ("'|u1'", 1), ("'>c16'", 16), ("'<U5'", 20), ("'|S7'", 7), ("'|V3'", 3),
            ("'<M8[ns]'", 8), ("[('a', '<f4'), ('b', '<i2')]", 6), ("[('a', '<f4', (2, 3))]", 24),
            ("[(('title', 'a'), '<f4', 3)]", 12), ("('<f4', (2,))", 8), ("[('a', [('b', '|u1'), ('c', '<f8')])]", 9),
            ("[]", 0),
        ] as [(String, UInt64)])
    func types(descr: String, itemBytes: UInt64) throws {
        #expect(try array(descr).dataBytes == itemBytes * 2)
    }

    @Test(
        "Objects are seen wherever they are",
        arguments: [
            "'|O'", "'O'", "'O8'", "[('a', '<f4'), ('b', '|O')]", "[('a', [('b', 'O')])]", "('|O', (2,))", "'object'",
            "'i4,O'",
        ])
    func objects(descr: String) throws {
        let array = try array(descr)
        #expect(array.dtype.holdsObjects)
        #expect(array.dataBytes == nil)
    }

    @Test("Types that are not known have no length", arguments: ["'float32'", "'<f3'", "'T'", "'<x4'", "''"])
    func unknown(descr: String) throws {
        let array = try array(descr)
        #expect(array.dtype.unknown != nil)
        #expect(array.dataBytes == nil)
    }

    @Test(
        "Anything but the literal is refused",
        arguments: [
            "{'descr': '<f4', 'fortran_order': False}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': 1}",
            "{'descr': '<f4', 'descr': '|O', 'fortran_order': False, 'shape': (2,)}",
            "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': 2}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2.0,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2)}",
            "{'descr': __import__('os'), 'fortran_order': False, 'shape': (2,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} or 1",
            "dict(descr='<f4')", "", "{", "{'descr'", "{'descr': '<f4'",
        ])
    func malformed(header: String) {
        #expect(throws: FormatFault.self) { try read(NumPyBuilder(header, data: [])) }
    }

    @Test("Deep headers and long numbers are refused, not followed")
    func depth() {
        let deep = String(repeating: "[", count: 5000)
        #expect(throws: FormatFault.self) { try read(NumPyBuilder("{'descr': \(deep)", data: [])) }
        #expect(throws: FormatFault.invalid(.numpyShape, offset: 10)) {
            try array("'<f8'", "(4294967296, 4294967296)")
        }
        #expect(throws: FormatFault.self) { try array("'<f8'", "(99999999999999999999,)") }
        #expect(throws: FormatFault.self) { try array("'|V999999999'", "(9223372036854775807,)") }
    }

    @Test("Integers may have the L of Python 2, and a scalar has no dimensions")
    func shapes() throws {
        #expect(try array("'<f4'", "(3L,)").shape == [3])
        #expect(try array("'<f4'", "()").dataBytes == 4)
        #expect(try array("'<f4'", "(0, 5)").dataBytes == 0)
    }
}

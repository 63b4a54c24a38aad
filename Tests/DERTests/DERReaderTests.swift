import DER
import Testing

@Suite("Distinguished encoding rules")
struct DERReaderTests {
    @Test("Values are read in order, with their encodings")
    func reads() throws {
        let bytes: [UInt8] = [0x30, 0x0B, 0x02, 0x01, 0x05, 0x01, 0x01, 0xFF, 0x04, 0x03, 0x61, 0x62, 0x63]
        var reader = try DERReader.document(bytes[...])
        #expect(reader.nextTag == .integer)
        #expect(try reader.smallInteger() == 5)
        #expect(try reader.optional(.octetString) == nil)
        #expect(try reader.boolean())
        let element = try reader.next(.octetString)
        #expect(Array(element.content) == Array("abc".utf8))
        #expect(Array(element.encoded) == [0x04, 0x03, 0x61, 0x62, 0x63])
        #expect(reader.isAtEnd)
        try reader.finish()
    }

    @Test(
        "Only the one encoding of a value is read",
        arguments: [
            ([], DERFault.Reason.truncated), ([0x30], .truncated), ([0x30, 0x02, 0x05], .truncated),
            ([0x30, 0x80, 0x00, 0x00], .invalidLength), ([0x30, 0x81, 0x00], .invalidLength),
            ([0x30, 0x81, 0x7F], .invalidLength), ([0x30, 0x82, 0x00, 0x80], .invalidLength),
            ([0x30, 0x85, 1, 0, 0, 0, 0], .invalidLength), ([0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF], .truncated),
            ([0x30, 0xFF], .invalidLength), ([0x31, 0x00], .unexpectedTag), ([0x30, 0x00, 0x00], .trailingBytes),
        ] as [([UInt8], DERFault.Reason)])
    func refusesLengths(_ bytes: [UInt8], _ reason: DERFault.Reason) {
        let fault = #expect(throws: DERFault.self) { try DERReader.document(bytes[...]) }
        #expect(fault?.reason == reason)
    }

    @Test("Contents that a type cannot have are refused, with their place")
    func refusesContents() {
        func fault(_ bytes: [UInt8], _ read: (inout DERReader) throws -> Void) -> DERFault? {
            var reader = DERReader(bytes)
            return #expect(throws: DERFault.self) { try read(&reader) }
        }
        let invalid = DERFault(.invalidContent, offset: 0)
        for bytes in [[0x01, 0x01, 0x01], [0x01, 0x00], [0x01, 0x02, 0, 0]] as [[UInt8]] {
            #expect(fault(bytes) { _ = try $0.boolean() } == invalid)
        }
        for bytes in [[0x02, 0x00], [0x02, 0x02, 0x00, 0x7F], [0x02, 0x02, 0xFF, 0x80]] as [[UInt8]] {
            #expect(fault(bytes) { _ = try $0.integer() } == invalid)
        }
        for bytes in [[0x02, 0x01, 0x80], [0x02, 0x05, 0x01, 0, 0, 0, 0]] as [[UInt8]] {
            #expect(fault(bytes) { _ = try $0.smallInteger() } == invalid)
        }
        for bytes in [[0x03, 0x00], [0x03, 0x02, 0x01, 0x02]] as [[UInt8]] {
            #expect(fault(bytes) { _ = try $0.bitString() } == invalid)
        }
        for bytes in [
            [0x03, 0x01, 0x01], [0x03, 0x02, 0x08, 0], [0x03, 0x02, 0x01, 0x01], [0x03, 0x04, 0, 1, 1, 1],
        ]
            as [[UInt8]]
        {
            #expect(fault(bytes) { _ = try $0.flags() } == invalid)
        }
        for bytes in [[0x06, 0x00], [0x06, 0x01, 0x80], [0x06, 0x02, 0x80, 0x01], [0x06, 0x02, 0x2A, 0x86]]
            as [[UInt8]]
        {
            #expect(fault(bytes) { _ = try $0.objectIdentifier() } == invalid)
        }
        #expect(fault([0x0C, 0x01, 0xFF]) { _ = try $0.utf8String() } == invalid)
        #expect(fault([0x1F, 0x01, 0x00]) { _ = try $0.next() } == DERFault(.invalidTag, offset: 0))
        #expect(fault([0x05, 0x00]) { _ = try $0.time() } == invalid)
    }

    @Test("Named bits are numbered from the highest")
    func flags() throws {
        var reader = DERReader([0x03, 0x02, 0x07, 0x80, 0x03, 0x03, 0x07, 0x01, 0x80, 0x03, 0x01, 0x00])
        #expect(try reader.flags() == 0x8000)
        #expect(try reader.flags() == 0x0180)
        #expect(try reader.flags() == 0)
    }

    @Test("Object identifiers read and write the arcs of the standards")
    func objectIdentifiers() throws {
        let identifier = ObjectIdentifier(1, 3, 6, 1, 4, 1, 57264, 1, 8)
        #expect(identifier.encoded == [0x06, 0x0A, 0x2B, 6, 1, 4, 1, 0x83, 0xBF, 0x30, 1, 8])
        var reader = DERReader(identifier.encoded)
        #expect(try reader.objectIdentifier() == identifier)
        #expect(identifier.description == "1.3.6.1.4.1.57264.1.8")
        #expect(ObjectIdentifier(2, 16, 840, 1, 101, 3, 4, 2, 1).description == "2.16.840.1.101.3.4.2.1")
    }

    @Test("What is written is read again, at every size of length")
    func writes() throws {
        for count in [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF, 0x1_0000] {
            let bytes = DERWriter.element(.octetString, [UInt8](repeating: 7, count: count))
            var reader = DERReader(bytes)
            #expect(try reader.octetString().count == count)
            try reader.finish()
        }
    }

    @Test("No prefix of a document and no changed bit of it stops the process")
    func survivesChanges() throws {
        let bytes = DERWriter.element(
            .sequence, ObjectIdentifier(1, 2, 840, 113549).encoded + DERWriter.element(.sequence, [2, 1, 5, 4, 1, 9]))
        func walk(_ reader: DERReader, depth: Int = 0) {
            var reader = reader
            while depth < 8, let element = try? reader.next() { walk(element.reader, depth: depth + 1) }
        }
        for count in 0...bytes.count { walk(DERReader(bytes.prefix(count))) }
        for bit in 0..<bytes.count * 8 {
            var changed = bytes
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            walk(DERReader(changed))
        }
    }
}

import ModelFormats
import StrictJSON
import Testing

@Suite("safetensors reader")
struct SafetensorsReaderTests {
    private func read(_ builder: SafetensorsBuilder) throws(FormatFault) -> SafetensorsFile {
        try SafetensorsReader.read(MemoryByteSource(builder.build()))
    }

    private func fault(_ builder: SafetensorsBuilder) -> FormatFault? {
        do throws(FormatFault) {
            _ = try read(builder)
            return nil
        } catch {
            return error
        }
    }

    private func issues(_ header: String, _ dataBytes: Int) throws -> [SafetensorsIssue.Kind] {
        try read(SafetensorsBuilder(header, dataBytes: dataBytes)).issues.map(\.kind)
    }

    @Test("An ordinary file is read")
    func ordinary() throws {
        let file = try read(.ordinary)
        #expect(file.issues == [])
        #expect(file.metadata.map(\.key) == ["format"])
        #expect(file.metadata.map(\.value) == ["pt"])
        let table = try #require(file.table)
        #expect(table.entries.map(\.name) == ["a"])
        #expect(table.entries.map(\.typeName) == ["F32"])
        #expect(table.entries.map(\.shape) == [[2]])
        #expect(table.ranges == [UInt64(8 + file.headerBytes)..<UInt64(16 + file.headerBytes)])
    }

    @Test("No prefix of a file is read as a file")
    func prefixes() {
        let bytes = SafetensorsBuilder.ordinary.build()
        for count in 0..<bytes.count {
            let source = MemoryByteSource(Array(bytes[..<count]))
            #expect((try? SafetensorsReader.read(source))?.table == nil, "prefix of \(count)")
        }
    }

    @Test(
        "Header lengths are compared with the format's limit and the file",
        arguments: [
            (100_000_001, FormatFault.invalid(.safetensorsHeaderLength, offset: 0)),
            (.max, .invalid(.safetensorsHeaderLength, offset: 0)),
            (1 << 63, .invalid(.safetensorsHeaderLength, offset: 0)),
            (0, .invalid(.safetensorsHeaderStart, offset: 8)), (100_000_000, .truncated(offset: 101)),
        ] as [(UInt64, FormatFault)])
    func headerLength(length: UInt64, expected: FormatFault) {
        var builder = SafetensorsBuilder.ordinary
        builder.headerLength = length
        #expect(fault(builder) == expected)
    }

    @Test("A header begins with a brace", arguments: [" {}", "[]", "\n{}", "\u{FEFF}{}"])
    func start(header: String) {
        #expect(fault(SafetensorsBuilder(header)) == .invalid(.safetensorsHeaderStart, offset: 8))
    }

    @Test("A header may be padded with spaces, and other white space is an issue")
    func padding() throws {
        #expect(try issues("{}   ", 0) == [.noTensors])
        #expect(try issues("{}\n", 0) == [.noTensors, .paddingNotSpaces])
        #expect(try issues("{} \t ", 0) == [.noTensors, .paddingNotSpaces])
    }

    @Test(
        "Names occur once, however they are escaped",
        arguments: [
            #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{}}"#,
            #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\u0061":{}}"#,
            #"{"__metadata__":{"k":"1","k":"2"}}"#, #"{"__metadata__":{},"__metadata__":{}}"#,
            #"{"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#,
        ])
    func duplicates(header: String) {
        guard case .invalidJSON(.duplicateName, _)? = fault(SafetensorsBuilder(header, dataBytes: 1)) else {
            Issue.record("accepted")
            return
        }
    }

    @Test(
        "Headers of another form are refused",
        arguments: [
            (#"{"a":1}"#, FormatDefect.safetensorsShape), (#"{"a":{}}"#, .safetensorsShape),
            (#"{"a":{"dtype":"U8","shape":[1]}}"#, .safetensorsShape),
            (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}}"#, .safetensorsShape),
            (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}}"#, .safetensorsNumber),
            (#"{"a":{"dtype":"U9","shape":[1],"data_offsets":[0,1]}}"#, .safetensorsDtype),
            (#"{"a":{"dtype":8,"shape":[1],"data_offsets":[0,1]}}"#, .safetensorsShape),
            (#"{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}"#, .safetensorsNumber),
            (#"{"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}}"#, .safetensorsNumber),
            (#"{"a":{"dtype":"U8","shape":[18446744073709551616],"data_offsets":[0,1]}}"#, .safetensorsNumber),
            (#"{"__metadata__":[]}"#, .safetensorsMetadata), (#"{"__metadata__":{"a":1}}"#, .safetensorsMetadata),
            (#"{"__metadata__":{"a":{}}}"#, .safetensorsMetadata),
        ])
    func forms(header: String, defect: FormatDefect) {
        #expect(fault(SafetensorsBuilder(header, dataBytes: 1)) == .invalid(defect, offset: 8))
    }

    @Test("Headers that are no JSON are refused", arguments: ["{", "{}{}", "{,}", "{'a':1}", "{\"a\":NaN}", "{}x"])
    func syntax(header: String) {
        guard case .invalidJSON? = fault(SafetensorsBuilder(header)) else {
            Issue.record("accepted")
            return
        }
    }

    @Test("Tensors cover the data exactly once")
    func layout() throws {
        func tensor(_ name: String, _ begin: UInt64, _ end: UInt64) -> String {
            #""\#(name)":{"dtype":"U8","shape":[\#(end - begin)],"data_offsets":[\#(begin),\#(end)]}"#
        }
        #expect(try issues("{\(tensor("a", 0, 4)),\(tensor("b", 4, 8))}", 8) == [])
        #expect(try issues("{\(tensor("b", 4, 8)),\(tensor("a", 0, 4))}", 8) == [])
        #expect(try issues("{\(tensor("a", 0, 0)),\(tensor("b", 0, 8)),\(tensor("c", 8, 8))}", 8) == [])
        #expect(try issues("{\(tensor("a", 0, 5)),\(tensor("b", 4, 8))}", 8) == [.overlap])
        #expect(try issues("{\(tensor("a", 0, 3)),\(tensor("b", 4, 8))}", 8) == [.hole])
        #expect(try issues("{\(tensor("a", 1, 8))}", 8) == [.hole])
        #expect(try issues("{\(tensor("a", 0, 8))}", 9) == [.trailingBytes])
        #expect(try issues("{\(tensor("a", 0, 9))}", 8) == [.rangeOutside])
        #expect(try issues("{}", 1) == [.noTensors, .trailingBytes])
    }

    @Test("A range is as long as shape and dtype require")
    func lengths() throws {
        func header(_ dtype: String, _ shape: String, _ begin: UInt64, _ end: UInt64) -> String {
            #"{"a":{"dtype":"\#(dtype)","shape":[\#(shape)],"data_offsets":[\#(begin),\#(end)]}}"#
        }
        #expect(try issues(header("F32", "2", 0, 8), 8) == [])
        #expect(try issues(header("F32", "", 0, 4), 4) == [])
        #expect(try issues(header("F32", "0,4294967296,4294967296", 0, 0), 0) == [])
        #expect(try issues(header("F32", "2", 0, 7), 7) == [.lengthMismatch])
        #expect(try issues(header("F32", "4611686018427387904", 0, 8), 8) == [.lengthMismatch])
        #expect(try issues(header("U8", "4294967296,4294967296", 0, 0), 0) == [.lengthMismatch])
        #expect(try issues(header("F4", "2", 0, 1), 1) == [])
        #expect(try issues(header("F4", "3", 0, 1), 1) == [.lengthMismatch])
        #expect(try issues(header("F6_E2M3", "4", 0, 3), 3) == [])
        #expect(try issues(header("U8", "8", 8, 0), 8) == [.rangeOutside])
    }

    @Test("Members that the format does not know are issues")
    func members() throws {
        let header = #"{"a":{"dtype":"U8","x":{"y":[1]},"shape":[1],"data_offsets":[0,1]}}"#
        #expect(try issues(header, 1) == [.unknownMember])
    }

    @Test("Every dtype has a size", arguments: SafetensorsDtype.allCases)
    func dtypes(dtype: SafetensorsDtype) {
        #expect(dtype.sizeBytes(elements: 8) == dtype.bits)
        #expect(dtype.sizeBytes(elements: .max) == nil)
    }

    @Test("More tensors than the limit end the reading")
    func limit() throws {
        var limits = SafetensorsLimits.standard
        limits.tensorCountMax = 2
        let tensors = (0..<3).map { #""t\#($0)":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}"# }
        func read(_ count: Int) throws -> SafetensorsFile {
            let header = "{\(tensors[..<count].joined(separator: ","))}"
            return try SafetensorsReader.read(MemoryByteSource(SafetensorsBuilder(header).build()), limits: limits)
        }
        #expect(try read(2).tensors.count == 2)
        #expect(throws: FormatFault.limitExceeded(.safetensorsTensorCount, offset: 8)) { try read(3) }
    }
}

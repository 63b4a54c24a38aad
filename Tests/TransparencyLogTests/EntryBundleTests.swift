import Testing
import TransparencyLog

@Suite("Entry bundle")
struct EntryBundleTests {
    static let entries: [[UInt8]] = [[], [1], Array(repeating: 7, count: 300), Array(repeating: 9, count: 65_535)]

    @Test("Entries survive bundling, the empty and the longest too")
    func roundTrip() throws {
        let bytes = try EntryBundle.encode(Self.entries)
        #expect(Array(bytes.prefix(5)) == [0, 0, 0, 1, 1])
        #expect(try EntryBundle.decode(bytes, width: 4).map(Array.init) == Self.entries)
    }

    @Test("An entry that its length prefix cannot express is refused")
    func tooLong() {
        #expect(throws: EntryBundleFault.entryTooLong(byteCount: 65_536)) {
            try EntryBundle.encode([[UInt8](repeating: 0, count: 65_536)])
        }
    }

    @Test("A bundle cut off anywhere is refused")
    func truncated() throws {
        let bytes = try EntryBundle.encode([[1, 2, 3], [], [4]])
        for count in 0..<bytes.count {
            #expect(throws: EntryBundleFault.self) { try EntryBundle.decode(Array(bytes.prefix(count)), width: 3) }
        }
    }

    @Test("Bytes after the last entry are refused unless the bundle may have grown")
    func trailing() throws {
        let bytes = try EntryBundle.encode([[1], [2], [3]])
        #expect(throws: EntryBundleFault.trailingBytes(offset: 6)) { try EntryBundle.decode(bytes, width: 2) }
        #expect(try EntryBundle.decode(bytes, width: 2, allowingMore: true).map(Array.init) == [[1], [2]])
    }

    @Test("A bundle has 1 to 256 entries", arguments: [0, 257])
    func counts(count: Int) {
        #expect(throws: EntryBundleFault.entryCount(count)) {
            try EntryBundle.encode([[UInt8]](repeating: [1], count: count))
        }
        #expect(throws: EntryBundleFault.entryCount(count)) { try EntryBundle.decode([0, 0], width: count) }
    }
}

/// A ZIP archive without compression.
enum StoredZip {
    static func bytes(_ members: [(name: String, content: [UInt8])]) -> [UInt8] {
        var body: [UInt8] = []
        var directory: [UInt8] = []
        for (name, content) in members {
            let fields =
                little(UInt16(20)) + little(UInt16(0)) + little(UInt16(0)) + little(UInt32(0))
                + little(crc32(content)) + little(UInt32(content.count)) + little(UInt32(content.count))
                + little(UInt16(name.utf8.count)) + little(UInt16(0))
            directory += [0x50, 0x4B, 1, 2] + little(UInt16(20)) + fields + little(UInt16(0)) + little(UInt16(0))
            directory += little(UInt16(0)) + little(UInt32(0)) + little(UInt32(body.count)) + Array(name.utf8)
            body += [0x50, 0x4B, 3, 4] + fields + Array(name.utf8) + content
        }
        let count = little(UInt16(members.count))
        return body + directory + [0x50, 0x4B, 5, 6] + little(UInt32(0)) + count + count
            + little(UInt32(directory.count)) + little(UInt32(body.count)) + little(UInt16(0))
    }

    private static func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
    }
}

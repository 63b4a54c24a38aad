import CCompression

/// A ZIP archive whose members are stored as they are (APPNOTE 6.3.10 §4.3), as PyTorch writes them.
struct ZipFile {
    private(set) var bytes: [UInt8] = []
    private var directory: [UInt8] = []
    private var count: UInt16 = 0

    mutating func add(_ name: String, _ content: [UInt8]) {
        let sum = UInt32(truncatingIfNeeded: crc32(0, content, UInt32(content.count)))
        var common: [UInt8] = []
        // Version, flags, method, time and date.
        for field: UInt16 in [20, 0, 0, 0, 0x21] { common.append(little: field) }
        for field in [sum, UInt32(content.count), UInt32(content.count)] { common.append(little: field) }
        common.append(little: UInt16(name.utf8.count))
        common.append(little: UInt16(0))
        let offset = UInt32(bytes.count)
        bytes.append(little: UInt32(0x0403_4B50))
        bytes += common + Array(name.utf8) + content
        directory.append(little: UInt32(0x0201_4B50))
        directory.append(little: UInt16(20))
        directory += common
        // Comment, disk, and attributes.
        for field: UInt16 in [0, 0, 0] { directory.append(little: field) }
        for field in [0, offset] { directory.append(little: field) }
        directory += Array(name.utf8)
        count += 1
    }

    /// The archive with its directory.
    func ended() -> [UInt8] {
        var end: [UInt8] = []
        end.append(little: UInt32(0x0605_4B50))
        for field in [0, 0, count, count] { end.append(little: field) }
        for field in [UInt32(directory.count), UInt32(bytes.count)] { end.append(little: field) }
        end.append(little: UInt16(0))
        return bytes + directory + end
    }
}

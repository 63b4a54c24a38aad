import Glibc
import Inspection
import ModelFormats

/// The file of an inspection child, read by offset so that no position is shared with the parent.
struct DescriptorSource: ByteSource {
    let descriptor: Int32
    let sizeBytes: UInt64

    func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(ByteSourceFault) -> Int {
        guard offset < sizeBytes, let start = Int(exactly: offset) else { return 0 }
        let wanted = Int(min(UInt64(buffer.count), sizeBytes - offset))
        var done = 0
        while done < wanted {
            let count = pread(descriptor, buffer.baseAddress.map { $0 + done }, wanted - done, start + done)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw ByteSourceFault(offset: offset, code: errno) }
            if count == 0 { break }
            done += count
        }
        return done
    }
}

enum DescriptorInspection {
    /// The work of a child of `pratique` and `securectl`: the encoded report on the file.
    static func report(_ file: Int32, _ sizeBytes: UInt64, _ name: String) -> [UInt8] {
        Inspector.inspect(source: DescriptorSource(descriptor: file, sizeBytes: sizeBytes), name: name).encoded()
    }
}

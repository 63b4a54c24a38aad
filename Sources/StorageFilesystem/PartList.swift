import LinuxFiles
import OCI
import RegistryPorts

/// What a process that comes later believes of an upload's parts: a small file that is rewritten after each part.
///
/// It names only bytes that were synced before, so that a power cut leaves an older list at worst, and what it does not
/// name is sent again. A list that was half written is none.
enum PartList {
    private static let title = "pratique upload parts 1"
    private static let bytesMax = 16 << 10

    static func write(_ parts: UploadParts, to file: FileDescriptor) throws(FileFault) {
        let text = "\(title)\n\(parts.total)\n\(parts.present)\n"
        // One call; of a longer list before it an end may stay, which nobody reads.
        try file.write(Array("\(text)\(checksum(text))\n".utf8), at: 0)
    }

    /// - Returns: `nil` for anything that was not written so.
    static func read(_ file: FileDescriptor) throws(FileFault) -> UploadParts? {
        let bytes = try file.readAll(bytesMax: bytesMax)
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        let lines = text.split(separator: "\n", maxSplits: 4, omittingEmptySubsequences: false)
        guard lines.count == 5, lines[0] == title, let total = UInt64(lines[1]), Int64(exactly: total) != nil,
            lines[3] == checksum("\(lines[0])\n\(lines[1])\n\(lines[2])\n"),
            let present = UploadRanges(parsing: String(lines[2]), countMax: .max),
            present.ranges.last?.upperBound ?? 0 <= total
        else { return nil }
        return UploadParts(total: total, present: present)
    }

    private static func checksum(_ text: String) -> String {
        var hash = RunningHash(.sha256)
        hash.update(Array(text.utf8))
        return hash.digest().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

import LinuxFiles
import OCI
import RegistryPorts

/// What a process that comes later believes of an upload's parts: a small file that is written after each part.
///
/// It names only bytes that were synced before, and is synced itself before they count as there. It has two places that
/// are written in turn, so that a power cut while one is written leaves the list before it in the other. That costs one
/// sync and changes no name.
enum PartList {
    private static let title = "pratique upload parts 2"
    /// Of one place. A range has 40 digits at most, so that more fit than an upload may have.
    private static let placeBytes = 16 << 10

    /// Writes the list of this number, and syncs it.
    ///
    /// - Parameter number: one more than that of the list before.
    static func write(_ parts: UploadParts, number: UInt64, to file: FileDescriptor) throws(FileFault) {
        let text = "\(title)\n\(number)\n\(parts.total)\n\(parts.present)\n"
        let bytes = Array("\(text)\(checksum(text))\n".utf8)
        guard bytes.count <= placeBytes else { throw FileFault(.write, .limitExceeded) }
        // Of a longer list before it an end may stay, which nobody reads.
        try file.write(bytes, at: number.isMultiple(of: 2) ? 0 : Int64(placeBytes))
        try file.sync()
    }

    /// - Returns: the last list that is whole, and its number; `nil` where none is.
    static func read(_ file: FileDescriptor) throws(FileFault) -> (parts: UploadParts, number: UInt64)? {
        let bytes = try file.readAll(bytesMax: 2 * placeBytes)
        let (first, second) = (parse(bytes.prefix(placeBytes)), parse(bytes.dropFirst(placeBytes)))
        guard let first, let second else { return first ?? second }
        return first.number > second.number ? first : second
    }

    private static func parse(_ bytes: ArraySlice<UInt8>) -> (parts: UploadParts, number: UInt64)? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        let lines = text.split(separator: "\n", maxSplits: 5, omittingEmptySubsequences: false)
        guard lines.count == 6, lines[0] == title, let number = UInt64(lines[1]), number < .max,
            let total = UInt64(lines[2]), Int64(exactly: total) != nil,
            lines[4] == checksum("\(lines[0])\n\(lines[1])\n\(lines[2])\n\(lines[3])\n"),
            let present = UploadRanges(parsing: String(lines[3]), countMax: .max),
            present.ranges.last?.upperBound ?? 0 <= total
        else { return nil }
        return (UploadParts(total: total, present: present), number)
    }

    private static func checksum(_ text: String) -> String {
        var hash = RunningHash(.sha256)
        hash.update(Array(text.utf8))
        return hash.digest().lowercaseHex
    }
}

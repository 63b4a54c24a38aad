import CLinux
import Glibc
import LinuxFiles
import RegistryPorts

/// What a scanner is given of a file: all of it, or what is no tensor.
struct ScannerInput: Sendable {
    let descriptor: FileDescriptor
    let sizeBytes: UInt64
    /// Whether tensors are part of it.
    let isWhole: Bool

    /// Most bytes beside tensors that are put together in memory.
    static let partsBytesMax: UInt64 = 256 << 20
    private static let partsMax = 1 << 16

    enum Choice: Sendable {
        case input(ScannerInput)
        /// It is too large, and there are no parts that could stand for it.
        case tooLarge
    }

    /// - Parameter bytesMax: what the scanner takes.
    static func choose(
        _ file: any LocalFile, parts: [Range<UInt64>]?, bytesMax: UInt64
    ) throws(ScannerFault) -> Choice {
        let whole: FileDescriptor
        do { whole = try file.withDescriptor { try FileDescriptor(duplicating: $0).reopenedForReading() } } catch {
            throw .unreadableFile(code: EIO)
        }
        if file.sizeBytes <= bytesMax {
            return .input(ScannerInput(descriptor: whole, sizeBytes: file.sizeBytes, isWhole: true))
        }
        guard let parts, parts.count <= partsMax else { return .tooLarge }
        let sizeBytes = parts.reduce(UInt64(0)) { $0 + ($1.upperBound - $1.lowerBound) }
        guard sizeBytes <= min(bytesMax, partsBytesMax) else { return .tooLarge }
        let copy = whole.withNumber { number in
            clinux_copy_parts(
                number, parts.map(\.lowerBound), parts.map { $0.upperBound - $0.lowerBound }, UInt64(parts.count))
        }
        guard copy >= 0 else { throw .unreadableFile(code: -copy) }
        return .input(
            ScannerInput(descriptor: FileDescriptor(owning: copy), sizeBytes: sizeBytes, isWhole: false))
    }
}

import struct Crypto.SHA256
public import Inspection
import ModelFormats
public import OCI
public import RegistryCore
public import RegistryPorts

/// A file with what our inspection found in it, and the digests of its tensors.
public struct ExaminedFile: Sendable {
    public var file: ArtifactFile
    public var report: InspectionReport
    /// In the order of `report.tensors`; empty when there are none.
    public var tensorDigests: [Digest]
    /// What other scanners said; their findings are in the report, too.
    var scans: [FileScan] = []
    /// Those of them that looked at it, sorted.
    var scannedBy: [String] { scans.filter(\.isCompleted).map(\.scanner).sorted() }

    init(file: ArtifactFile, report: InspectionReport, tensorDigests: [Digest]) {
        self.file = file
        self.report = report
        self.tensorDigests = tensorDigests
    }
}

/// The files of a version, and what was found in them that is not in the store yet: it goes there with what is written
/// because of it.
struct ExaminedFiles: Sendable {
    var files: [ExaminedFile] = []
    var unwritten: [KeptInspection] = []
}

/// A file that was just taken in.
struct ReceivedFile: Sendable {
    var file: ArtifactFile
    var report: InspectionReport
    var tensorDigests: [Digest]
    var isTensors: Bool { report.formatClass == .tensors }
}

extension InspectionReport {
    /// The tensors that are worth a digest of their own. Those that overlap are none: there might be millions of them
    /// over the same bytes, and such a file is never admitted.
    var rangesToHash: [Range<UInt64>] {
        guard let tensors, tensors.overlap == nil else { return [] }
        return tensors.ranges
    }
}

extension InspectionKey {
    /// By the rules in force.
    init(of file: ArtifactFile) {
        let rules = InspectionRules.version + (file.isImageLayer ? " image layer" : "")
        self.init(blob: file.digest, name: file.path.lastComponent, rules: rules)
    }
}

/// The result of an inspection on its way into the store, so that nobody waits for it twice.
public struct KeptInspection: Sendable {
    let key: InspectionKey
    let sealed: [UInt8]

    public init(key: InspectionKey, sealed: [UInt8]) {
        self.key = key
        self.sealed = sealed
    }

    /// Number of tensors, their digests, the report.
    static func encoded(_ report: InspectionReport, _ tensorDigests: [Digest]) -> [UInt8] {
        let body = report.encoded()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 + tensorDigests.count * 32 + body.count)
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: tensorDigests.count).bigEndian) { bytes.append(contentsOf: $0) }
        for digest in tensorDigests { bytes.append(contentsOf: digest.bytes) }
        bytes.append(contentsOf: body)
        return bytes
    }

    static func decoded(_ bytes: [UInt8], fileSizeBytes: UInt64) -> (report: InspectionReport, tensorDigests: [Digest])?
    {
        guard bytes.count >= 4 else { return nil }
        let count = bytes[..<4].reduce(0) { $0 << 8 | Int($1) }
        let end = 4 + count * SHA256.byteCount
        guard end <= bytes.count,
            let report = try? InspectionReport(decoding: Array(bytes[end...]), fileSizeBytes: fileSizeBytes)
        else { return nil }
        var digests: [Digest] = []
        digests.reserveCapacity(count)
        for start in stride(from: 4, to: end, by: SHA256.byteCount) {
            guard let digest = try? Digest(sha256: Array(bytes[start..<start + SHA256.byteCount])) else { return nil }
            digests.append(digest)
        }
        return (report, digests)
    }
}

extension ArtifactFile {
    /// What its media type says of it, as far as an inspection cares.
    var claim: FileClaim { isImageLayer ? .imageLayer : .none }
}

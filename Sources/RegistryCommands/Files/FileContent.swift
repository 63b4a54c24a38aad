internal import LinuxFiles
internal import RegistryClient

/// A file's bytes for an upload.
struct FileContent: UploadContent {
    let file: LocalFile

    var sizeBytes: UInt64 { file.sizeBytes }

    func read(at offset: UInt64, bytesMax: Int) async throws -> [UInt8] {
        let descriptor = file.descriptor
        let start = Int64(clamping: offset)
        let end = min(start + Int64(bytesMax), Int64(clamping: file.sizeBytes))
        return try await FilePool.shared.run { () throws(FileFault) in try descriptor.read(start..<end) }
    }
}

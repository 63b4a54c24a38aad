internal import LinuxFiles

/// A file that a report is written to: its old content stays until the new one is there as a whole.
struct ReportFile: Sendable {
    private let place: FilePlace

    /// Fails before any work was done, if the file could never be written.
    init(_ path: String) throws(CommandFailure) {
        place = try FilePlace(path)
    }

    func write(_ bytes: [UInt8]) throws(CommandFailure) {
        do throws(FileFault) {
            try DurableFile.replace(place.name, in: place.directory, with: bytes, permissions: 0o644)
        } catch {
            throw CommandFailure(error, path: place.path)
        }
    }
}

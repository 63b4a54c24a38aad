internal import LinuxFiles
internal import TransparencyLog

/// A log that was saved: the files of C2SP tlog-tiles beneath a directory, and the key beside them.
struct DirectoryLogSource: LogSource {
    private let directory: Directory
    private let path: String

    static let checkpointName = "checkpoint"
    static let keyName = "key"
    private static let keyBytesMax = 4_096

    init(_ path: String) throws(CommandFailure) {
        do {
            directory = try Directory(path: path)
        } catch {
            throw CommandFailure(error, path: path)
        }
        self.path = path
    }

    func checkpoint() async throws(CommandFailure) -> [UInt8]? {
        try read(Self.checkpointName, bytesMax: SignedNote.bytesMax)
    }

    func key() async throws(CommandFailure) -> String? {
        try read(Self.keyName, bytesMax: Self.keyBytesMax).flatMap { String(validating: $0, as: UTF8.self) }.map {
            String($0.prefix { $0 != "\n" })
        }
    }

    func resource(_ path: TilePath) async throws(CommandFailure) -> [UInt8] {
        if let bytes = try resourceIfAny(path) { return bytes }
        throw CommandFailure(.unchecked, "\(self.path) does not hold \(path): the copy is not complete.")
    }

    /// The same, where the file may be absent.
    func resourceIfAny(_ path: TilePath) throws(CommandFailure) -> [UInt8]? {
        let bytesMax = path.content == .entries ? EntryBundle.bytesMax : Tile.bytesMax
        return try read(path.description, bytesMax: bytesMax)
    }

    private func read(_ name: String, bytesMax: Int) throws(CommandFailure) -> [UInt8]? {
        do throws(FileFault) {
            return try directory.openFile(name).readAll(bytesMax: bytesMax)
        } catch {
            guard error.kind != .notFound else { return nil }
            throw CommandFailure(error, path: "\(path)/\(name)")
        }
    }
}

internal import LinuxFiles
internal import TransparencyLog

/// The checkpoints that this user has accepted, one file for each registry, beneath the state directory.
///
/// Losing them loses the proof that history was not rewritten before now, so nothing here is ever removed.
struct LogMemory: Sendable {
    /// The directory of the files.
    let path: String

    /// What to do about a log that is not the remembered one.
    static let advice = """
        If you know that this registry was made anew or restored, move that file away and verify again; without it \
        nobody notices what was lost. Otherwise keep it as evidence, and ask who runs the registry.
        """

    init(_ environment: [String: String]) throws(CommandFailure) {
        path = try UserDirectories(environment).state + "/logs"
    }

    /// Where the record of a registry is, or would be.
    func file(for server: String) -> String {
        "\(path)/\(Self.name(server))"
    }

    /// What is remembered of a registry; `nil` if it was never seen.
    func record(for server: String) throws(CommandFailure) -> LogRecord? {
        try read(file(for: server))
    }

    /// What is remembered of a log, by whatever registry.
    func record(for origin: LogOrigin) throws(CommandFailure) -> LogRecord? {
        let entries: [DirectoryEntry]
        do throws(FileFault) {
            entries = try Directory(path: path).entries(entriesMax: Self.filesMax)
        } catch {
            guard error.kind != .notFound else { return nil }
            throw CommandFailure(error, path: path)
        }
        var newest: LogRecord?
        for name in entries.compactMap(\.name) where name.hasSuffix(Self.suffix) {
            guard let record = try read("\(path)/\(name)"), record.origin == origin else { continue }
            if newest.map({ $0.checkpoint.size < record.checkpoint.size }) ?? true { newest = record }
        }
        return newest
    }

    /// Remembers an accepted checkpoint. A record never goes back: of two runs at a time the larger tree stays.
    func remember(_ record: LogRecord) throws(CommandFailure) {
        let directory = try UserDirectories.open(making: path)
        let lock: DirectoryLock
        do throws(DirectoryLock.Refusal) {
            lock = try DirectoryLock.acquire(Self.lockName, in: directory)
        } catch {
            switch error {
            // Another run is remembering what it found, which is as good as ours.
            case .held: return
            // What is not remembered cannot be compared with the next time, so that a rollback would go unseen.
            case .fault(let fault): throw CommandFailure(fault, path: "\(path)/\(Self.lockName)")
            }
        }
        defer { lock.release() }
        if let kept = try read(file(for: record.server)), kept.checkpoint.size > record.checkpoint.size { return }
        try write(record.encoded, Self.name(record.server), directory)
    }

    /// Keeps the checkpoint that contradicts the remembered one: together they convict the log.
    ///
    /// - Returns: the path of the file.
    func keepEvidence(_ note: SignedNote, against record: LogRecord) throws(CommandFailure) -> String {
        let directory = try UserDirectories.open(making: path)
        let name = Self.name(record.server) + ".contradiction"
        try write(note.encoded, name, directory)
        return "\(path)/\(name)"
    }

    private func write(_ bytes: [UInt8], _ name: String, _ directory: Directory) throws(CommandFailure) {
        do {
            try DurableFile.replace(name, in: directory, with: bytes)
        } catch {
            throw CommandFailure(error, path: "\(path)/\(name)")
        }
    }

    private func read(_ path: String) throws(CommandFailure) -> LogRecord? {
        let bytes: [UInt8]
        do throws(CommandFailure) {
            bytes = try LocalFile(path).readAll(bytesMax: LogRecord.bytesMax)
        } catch {
            guard error.status == .noInput else { throw error }
            return nil
        }
        guard let record = LogRecord(decoding: bytes) else {
            throw CommandFailure(
                .configuration, "\(path) is damaged: what is remembered of the log cannot be read.",
                hint: "Only remove it if you know why it is damaged; what it proved is lost then.")
        }
        return record
    }

    /// A file name that says which registry it is for. Everything but letters, digits, dots and dashes is written as
    /// an underscore and two hexadecimal digits, so that no two registries share a name.
    private static func name(_ server: String) -> String {
        var name = ""
        for byte in server.utf8 {
            let isPlain =
                UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
                || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
            name += isPlain ? String(UnicodeScalar(byte)) : "_" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return name + suffix
    }

    private static let suffix = ".json"
    private static let lockName = "lock"
    private static let filesMax = 10_000
}

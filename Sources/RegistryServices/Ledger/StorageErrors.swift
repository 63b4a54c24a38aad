import OCI
public import RegistryCore
public import RegistryPorts
import StrictJSON

extension RegistryError {
    /// The one place where a store's fault becomes an answer.
    public init(_ fault: StorageFault, file: StaticString = #fileID, line: UInt = #line) {
        switch fault {
        case .full:
            self.init(.storageFull, "The disk is full. Nothing was changed.", cause: fault, file: file, line: line)
        case .keptFree(let bytes):
            self.init(
                .storageFull,
                "The disk has no room for that besides the \(bytes >> 20) MiB that are kept free for the log. "
                    + "Nothing was changed.",
                detail: ["kept_free_bytes": .integer(bytes)], cause: fault, file: file, line: line)
        case .tooManyNames:
            self.init(
                .linkLimitReached, "A file has as many names as the file system gives one.", cause: fault, file: file,
                line: line)
        case .unavailable, .syncFailed:
            self.init(.storageUnavailable, "The store does not answer.", cause: fault, file: file, line: line)
        case .overloaded:
            self.init(.overloaded, "The store has too much to do at once.", cause: fault, file: file, line: line)
        case .notFound, .corrupted:
            self.init(.integrityFailed, "Stored bytes are missing or damaged.", cause: fault, file: file, line: line)
        case .digestMismatch(let actual):
            self.init(
                .digestMismatch, "The bytes hash to another digest.",
                detail: ["actual": .string(actual.description)], cause: fault, file: file, line: line)
        case .changed:
            self.init(
                .sourceChanged, "The bytes changed while they were read.", cause: fault, file: file, line: line)
        }
    }
}

/// Calls a port and turns its fault into the service's error.
func throughStore<T>(
    _ body: () async throws(StorageFault) -> T, file: StaticString = #fileID, line: UInt = #line
) async throws(RegistryError) -> T {
    do {
        return try await body()
    } catch {
        throw RegistryError(error, file: file, line: line)
    }
}

public import LinuxFiles
public import RegistryPorts

extension StorageFault {
    /// What a failed call on a file means to the registry. The reason names the call and the error, never a path.
    init(_ fault: FileFault) {
        switch fault.kind {
        // Nothing but a look at the free space refuses before the disk does.
        case .noSpace where fault.operation == .space: self = .keptFree(bytes: FilesystemBlobStore.reserveBytes)
        case .noSpace: self = .full
        case .syncFailed: self = .syncFailed(reason: fault.description)
        case .tooManyLinks: self = .tooManyNames
        case .notFound: self = .notFound
        case .changed: self = .changed
        case .overloaded, .exhausted, .busy: self = .overloaded
        case .deviceFailure:
            // What cannot be read may be lost; what cannot be written was never promised.
            switch fault.operation {
            case .read, .hash: self = .corrupted(reason: fault.description)
            default: self = .unavailable(reason: fault.description)
            }
        case .exists, .escapes, .permission, .readOnlyFileSystem, .notDirectory, .isDirectory, .notEmpty, .notRegular,
            .unsupported, .invalidName, .limitExceeded, .cancelled, .closed, .other:
            self = .unavailable(reason: fault.description)
        }
    }
}

extension StorageFault: PoolRefusable {
    public init(refusal: PoolRefusal) {
        switch refusal {
        case .overloaded: self = .overloaded
        case .closed: self = .unavailable(reason: "closed")
        }
    }
}

/// Runs calls on files and says their fault in the words of the store.
func storing<T>(_ body: () throws(FileFault) -> T) throws(StorageFault) -> T {
    do { return try body() } catch { throw StorageFault(error) }
}

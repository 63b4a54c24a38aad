import GRDB
import GRDBSQLite
import RegistryPorts

extension StorageFault {
    /// - Parameter code: an extended result code.
    init(resultCode code: Int32, message: String) {
        let reason = "SQLite \(code): \(message)"
        switch code & 0xFF {
        case SQLITE_FULL:
            self = .full
        case SQLITE_IOERR:
            self = Self.inputOutput(ResultCode(rawValue: code), reason)
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT, SQLITE_MISMATCH, SQLITE_CONSTRAINT:
            self = .corrupted(reason: reason)
        default:
            self = .unavailable(reason: reason)
        }
    }

    init(_ error: any Error) {
        switch error {
        case let fault as StorageFault: self = fault
        case let error as DatabaseError:
            self.init(resultCode: error.extendedResultCode.rawValue, message: error.message ?? "")
        default: self = .unavailable(reason: "\(error)")
        }
    }

    private static func inputOutput(_ code: ResultCode, _ reason: String) -> StorageFault {
        switch code {
        case .SQLITE_IOERR_FSYNC, .SQLITE_IOERR_DIR_FSYNC: .syncFailed(reason: reason)
        // All that this step does is lengthen the shared index of the write-ahead log.
        case .SQLITE_IOERR_SHMSIZE: .full
        case .SQLITE_IOERR_CORRUPTFS: .corrupted(reason: reason)
        default: .unavailable(reason: reason)
        }
    }

    /// Whether SQLite may have given the whole transaction up, and not only the statement.
    static func endsTransaction(resultCode code: Int32) -> Bool {
        switch code & 0xFF {
        case SQLITE_FULL, SQLITE_IOERR, SQLITE_NOMEM, SQLITE_BUSY, SQLITE_INTERRUPT, SQLITE_READONLY, SQLITE_CANTOPEN:
            true
        default: false
        }
    }
}

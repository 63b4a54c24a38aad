import Glibc
import GRDB
import GRDBSQLite
import RegistryPorts

/// A connection inside the one thread that uses it, with its prepared statements.
///
/// GRDB opens, configures and closes it. Statements are bound and stepped here, because GRDB's own rows end the process
/// when a column holds another type than was asked for.
final class Connection {
    private let database: Database
    private let handle: SQLiteConnection?

    /// Set when SQLite may have given up the transaction in progress. Nothing of it can then be kept.
    private(set) var transactionFault: StorageFault?

    init(_ database: Database) {
        self.database = database
        handle = database.sqliteConnection
    }

    /// Runs a statement to its end and ignores its rows.
    func run(_ sql: String, _ values: [SQLValue] = []) throws(StorageFault) {
        let statement = try prepared(sql, values)
        defer { release(statement) }
        while try step(statement) {}
    }

    /// Reads the first row, if there is one.
    func first<Value>(
        _ sql: String, _ values: [SQLValue] = [], _ read: (Columns) throws(StorageFault) -> Value
    ) throws(StorageFault) -> Value? {
        let statement = try prepared(sql, values)
        defer { release(statement) }
        return try step(statement) ? try read(Columns(statement)) : nil
    }

    /// Reads every row.
    func all<Value>(
        _ sql: String, _ values: [SQLValue] = [], _ read: (Columns) throws(StorageFault) -> Value
    ) throws(StorageFault) -> [Value] {
        let statement = try prepared(sql, values)
        defer { release(statement) }
        var rows: [Value] = []
        while try step(statement) { rows.append(try read(Columns(statement))) }
        return rows
    }

    /// Runs statements that are not used again.
    func runScript(_ sql: String) throws(StorageFault) {
        do { try database.execute(sql: sql) } catch { throw StorageFault(error) }
    }

    /// Rows that the last statement inserted, changed or removed.
    var changedRows: Int { Int(sqlite3_changes(handle)) }

    var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }

    private func prepared(_ sql: String, _ values: [SQLValue]) throws(StorageFault) -> SQLiteStatement {
        let statement: SQLiteStatement
        do { statement = try database.cachedStatement(sql: sql).sqliteStatement } catch { throw StorageFault(error) }
        var index: Int32 = 0
        for value in values {
            index += 1
            let code = value.bind(to: statement, at: index)
            guard code == SQLITE_OK else {
                release(statement)
                throw failure(code)
            }
        }
        return statement
    }

    /// - Returns: whether there is a row.
    private func step(_ statement: SQLiteStatement) throws(StorageFault) -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: true
        case SQLITE_DONE: false
        case let code: throw failure(code)
        }
    }

    private func release(_ statement: SQLiteStatement) {
        // The result repeats that of the last step, which was heard.
        _ = sqlite3_reset(statement)
        _ = sqlite3_clear_bindings(statement)
    }

    private func failure(_ code: Int32) -> StorageFault {
        var fault = StorageFault(resultCode: code, message: database.lastErrorMessage ?? "")
        if case .corrupted(let reason) = fault, couldNotRead {
            fault = .unavailable(reason: "\(reason), because the file could not be read")
        }
        if StorageFault.endsTransaction(resultCode: code), transactionFault == nil { transactionFault = fault }
        return fault
    }
}

extension Connection {
    /// Whether the system refused to read or write the database or its log since they were opened. SQLite calls a file
    /// that the system cannot read a damaged one; nobody knows what is in it.
    private var couldNotRead: Bool {
        var file: UnsafeMutablePointer<sqlite3_file>?
        for operation in [SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER] {
            var code: Int32 = 0
            guard sqlite3_file_control(handle, "main", operation, &file) == SQLITE_OK, let file,
                let control = file.pointee.pMethods?.pointee.xFileControl,
                control(file, SQLITE_FCNTL_LAST_ERRNO, &code) == SQLITE_OK
            else { continue }
            if [EIO, ENXIO].contains(code) { return true }
        }
        return false
    }

    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// One consistent moment for several reads.
    func beginReading() throws(StorageFault) {
        try run("BEGIN DEFERRED")
    }

    func beginWriting() throws(StorageFault) {
        if isInTransaction { rollBack() }
        transactionFault = nil
        try run("BEGIN IMMEDIATE")
    }

    /// When this returns, everything since `beginWriting` is on the disk.
    func commit() throws(StorageFault) {
        try run("COMMIT")
    }

    /// SQLite may have done it already.
    func rollBack() {
        guard isInTransaction else { return }
        try? run("ROLLBACK")
    }
}

extension Connection {
    /// Pages written to the log since the last call.
    func takeWrittenPages() -> Int {
        var current: Int32 = 0
        var highest: Int32 = 0
        guard sqlite3_db_status(handle, SQLITE_DBSTATUS_CACHE_WRITE, &current, &highest, 1) == SQLITE_OK else {
            return 0
        }
        return Int(current)
    }

    /// How long to wait for others who use the file, in milliseconds.
    enum Wait: Int32 {
        case short = 50
        case long = 5_000
    }

    /// Copies the write-ahead log into the database and syncs both.
    ///
    /// - Parameter waiting: for readers to let go of the log, where the mode asks for that.
    /// - Returns: pages in the log that could not be copied, or not be given up, because somebody reads them.
    @discardableResult
    func checkpoint(_ mode: Database.CheckpointMode, waiting: Wait = .long) throws(StorageFault) -> Int {
        sqlite3_busy_timeout(handle, waiting.rawValue)
        defer { sqlite3_busy_timeout(handle, Wait.long.rawValue) }
        do {
            let frames = try database.checkpoint(mode)
            return max(0, frames.walFrameCount - frames.checkpointedFrameCount)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            return .max
        } catch {
            throw StorageFault(error)
        }
    }

    /// Copies the whole database into a new file, page by page, as it is in one moment.
    func copyDatabase(to path: String) throws(StorageFault) {
        do {
            let copy = try DatabaseQueue(path: path)
            defer { try? copy.close() }
            try copy.inDatabase { destination in
                try database.backup(to: destination)
                // A file by itself: nothing of it stays in a log beside it.
                try destination.execute(sql: "PRAGMA journal_mode = DELETE")
            }
        } catch {
            throw StorageFault(error)
        }
    }
}

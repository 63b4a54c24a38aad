import GRDB
import Glibc
import RegistryPorts

extension DatabaseQueue {
    /// Opens the connection that writes, and makes the file if there is none.
    ///
    /// `synchronous=FULL` makes each commit sync the write-ahead log before it returns. Copying the log into the
    /// database never happens by itself here, because SQLite then hides it when a sync fails.
    static func writing(to path: String) throws(StorageFault) -> DatabaseQueue {
        try makeFile(at: path)
        var configuration = Configuration()
        configuration.label = "metadata-writer"
        configuration.busyMode = .timeout(Double(Connection.Wait.long.rawValue) / 1_000)
        configuration.prepareDatabase { database in
            try harden(database)
            try database.execute(
                sql: """
                    PRAGMA journal_mode = WAL;
                    PRAGMA synchronous = FULL;
                    PRAGMA wal_autocheckpoint = 0;
                    PRAGMA journal_size_limit = \(walBytesKept);
                    """)
        }
        return try opened(path, configuration, expecting: ["journal_mode": "wal", "synchronous": "2"])
    }

    /// Opens a connection that reads a database that exists.
    static func reading(from path: String) throws(StorageFault) -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "metadata-reader"
        configuration.readonly = true
        configuration.busyMode = .timeout(Double(Connection.Wait.long.rawValue) / 1_000)
        configuration.prepareDatabase(harden)
        return try opened(path, configuration, expecting: ["journal_mode": "wal"])
    }

    /// - Parameter expected: settings without which nothing we promise is true.
    private static func opened(
        _ path: String, _ configuration: Configuration, expecting expected: [String: String]
    ) throws(StorageFault) -> DatabaseQueue {
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            let settings = ["foreign_keys": "1", "trusted_schema": "0", "cell_size_check": "1", "temp_store": "2"]
            try queue.inDatabase { database in
                for (name, value) in settings.merging(expected, uniquingKeysWith: { $1 }) {
                    let actual = try Row.fetchOne(database, sql: "PRAGMA \(name)")?.databaseValues.first?.description
                    guard actual?.filter({ $0 != "\"" }) == value else {
                        throw StorageFault.unavailable(reason: "SQLite refuses \(name)=\(value): \(actual ?? "none")")
                    }
                }
            }
            return queue
        } catch {
            throw StorageFault(error)
        }
    }

    /// The file may have been edited by somebody else: believe neither its schema nor its pages, and map none of it,
    /// because a mapped file that shrinks ends the process. Temporary data stays in memory, so that no other
    /// directory needs to be writable.
    private static func harden(_ database: Database) throws {
        try database.execute(
            sql: """
                PRAGMA trusted_schema = OFF;
                PRAGMA cell_size_check = ON;
                PRAGMA mmap_size = 0;
                PRAGMA temp_store = MEMORY;
                PRAGMA cache_size = -\(cacheKiB);
                """)
    }

    /// SQLite would make the file readable for everybody. An existing file is not opened: closing it would take away
    /// the locks that another connection of this process holds.
    private static func makeFile(at path: String) throws(StorageFault) {
        let file = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        if file >= 0 {
            Glibc.close(file)
        } else if errno != EEXIST {
            throw FileSync.fault("make", path)
        }
    }

    private static var cacheKiB: Int { 16 << 10 }
    private static var walBytesKept: Int { 64 << 20 }
}

import GRDB
import ServerFixture

/// The metadata of a stopped registry in the hands of somebody who may write to its disk.
struct StoredRows: Sendable {
    private let path: String

    init(of home: RegistryHome) {
        path = home.databasePath
    }

    /// Runs SQL, without regard for what refers to what.
    func edit(_ sql: String) throws {
        try withDatabase { queue in try queue.writeWithoutTransaction { try $0.execute(sql: sql) } }
    }

    /// The first column of each row.
    func values<Value: DatabaseValueConvertible & Sendable>(_ type: Value.Type, _ sql: String) throws -> [Value] {
        try withDatabase { queue in try queue.read { try Value.fetchAll($0, sql: sql) } }
    }

    /// The columns of every table, each with the table's name before it.
    func columns() throws -> [(table: String, column: String)] {
        try withDatabase { queue in
            try queue.read { database in
                try Row.fetchAll(
                    database,
                    sql: """
                        SELECT tables.name, columns.name FROM sqlite_schema AS tables
                        JOIN pragma_table_info(tables.name) AS columns
                        WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%'
                        """
                ).map { (table: $0[0], column: $0[1]) }
            }
        }
    }

    private func withDatabase<T>(_ body: (DatabaseQueue) throws -> T) throws -> T {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? queue.close() }
        return try body(queue)
    }
}

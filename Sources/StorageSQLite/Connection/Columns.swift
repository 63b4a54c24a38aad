import GRDB
import GRDBSQLite
import OCI
import RegistryCore
import RegistryPorts
import TransparencyLog

/// The row that a statement stands on.
///
/// Whoever can write to the file can put anything into any column. Each value is therefore read only as the type that
/// it was written as, and everything else is `.corrupted`.
struct Columns {
    private let statement: SQLiteStatement

    init(_ statement: SQLiteStatement) {
        self.statement = statement
    }

    func isNull(_ index: Int32) -> Bool {
        sqlite3_column_type(statement, index) == SQLITE_NULL
    }

    func integer(_ index: Int32) throws(StorageFault) -> Int64 {
        guard sqlite3_column_type(statement, index) == SQLITE_INTEGER else { throw unreadable(index) }
        return sqlite3_column_int64(statement, index)
    }

    /// A number that `SQLValue.bits` wrote.
    func bits(_ index: Int32) throws(StorageFault) -> UInt64 {
        UInt64(bitPattern: try integer(index))
    }

    /// A number that counts or orders, and so is never negative.
    func count(_ index: Int32) throws(StorageFault) -> UInt64 {
        guard let number = UInt64(exactly: try integer(index)) else { throw unreadable(index) }
        return number
    }

    func text(_ index: Int32) throws(StorageFault) -> String {
        guard sqlite3_column_type(statement, index) == SQLITE_TEXT, let start = sqlite3_column_text(statement, index)
        else { throw unreadable(index) }
        let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, index)))
        guard let text = String(validating: bytes, as: UTF8.self) else { throw unreadable(index) }
        return text
    }

    func bytes(_ index: Int32) throws(StorageFault) -> [UInt8] {
        try withBytes(index) { Array($0) }
    }

    /// Lends the bytes until the statement goes on.
    func withBytes<Value>(
        _ index: Int32, _ body: (UnsafeRawBufferPointer) -> Value
    ) throws(StorageFault) -> Value {
        guard sqlite3_column_type(statement, index) == SQLITE_BLOB else { throw unreadable(index) }
        let start = sqlite3_column_blob(statement, index)
        return body(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, index))))
    }

    /// What `body` reads, or `nil` when the column is NULL.
    func ifPresent<Value>(
        _ index: Int32, _ body: (Int32) throws(StorageFault) -> Value
    ) throws(StorageFault) -> Value? {
        isNull(index) ? nil : try body(index)
    }

    func unreadable(_ index: Int32) -> StorageFault {
        let name = sqlite3_column_name(statement, index).map { String(cString: $0) } ?? "\(index)"
        return .corrupted(reason: "the column \(name) does not hold what was written there")
    }
}

extension Columns {
    func digest(_ index: Int32) throws(StorageFault) -> Digest {
        let bytes = try bytes(index)
        let algorithm: Digest.Algorithm = bytes.count == Digest.Algorithm.sha512.byteCount ? .sha512 : .sha256
        do { return try Digest(algorithm, bytes: bytes) } catch { throw unreadable(index) }
    }

    func tenant(_ index: Int32) throws(StorageFault) -> Tenant {
        let text = try text(index)
        if text == Tenant.default.description { return .default }
        do { return try Tenant(parsing: text) } catch { throw unreadable(index) }
    }

    func name(_ index: Int32) throws(StorageFault) -> ArtifactName {
        do { return try ArtifactName(parsing: try text(index)) } catch { throw unreadable(index) }
    }

    func repository(_ index: Int32) throws(StorageFault) -> RepositoryName {
        do { return try RepositoryName(parsing: try text(index)) } catch { throw unreadable(index) }
    }

    func tag(_ index: Int32) throws(StorageFault) -> Tag {
        guard let tag = Tag(parsing: try text(index)) else { throw unreadable(index) }
        return tag
    }

    /// A digest that is kept as its text.
    func digestText(_ index: Int32) throws(StorageFault) -> Digest {
        do { return try Digest(parsing: try text(index)) } catch { throw unreadable(index) }
    }

    func time(_ index: Int32) throws(StorageFault) -> Timestamp {
        let milliseconds = try integer(index)
        let time = Timestamp(clamping: milliseconds)
        guard time.milliseconds == milliseconds else { throw unreadable(index) }
        return time
    }

    func logHash(_ index: Int32) throws(StorageFault) -> LogHash {
        guard let hash = LogHash(try bytes(index)) else { throw unreadable(index) }
        return hash
    }

    /// A value of an enumeration that is kept as its name.
    func named<Value: RawRepresentable<String>>(_ index: Int32) throws(StorageFault) -> Value {
        guard let value = Value(rawValue: try text(index)) else { throw unreadable(index) }
        return value
    }
}

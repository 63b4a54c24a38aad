import GRDB
import GRDBSQLite
import OCI
import RegistryCore

/// What is bound to a parameter of a statement.
enum SQLValue {
    case null
    case integer(Int64)
    case text(String)
    case bytes([UInt8])

    static func text(_ tenant: Tenant) -> SQLValue { .text(tenant.description) }
    static func text(_ name: ArtifactName) -> SQLValue { .text(name.description) }
    static func text(_ repository: RepositoryName) -> SQLValue { .text(repository.description) }
    static func text(_ tag: Tag) -> SQLValue { .text(tag.description) }
    static func text(_ text: String?) -> SQLValue { text.map { .text($0) } ?? .null }
    static func bytes(_ digest: Digest) -> SQLValue { .bytes(digest.bytes) }
    static func bytes(_ digest: Digest?) -> SQLValue { digest.map { .bytes($0.bytes) } ?? .null }
    static func integer(_ time: Timestamp) -> SQLValue { .integer(time.milliseconds) }
    static func integer(_ number: Int64?) -> SQLValue { number.map { .integer($0) } ?? .null }
    static func integer(_ time: Timestamp?) -> SQLValue { time.map { .integer($0.milliseconds) } ?? .null }

    /// A number that is kept as it is and never compared: all 64 bits, the highest of them as SQLite's sign.
    static func bits(_ number: UInt64) -> SQLValue { .integer(Int64(bitPattern: number)) }

    /// - Parameter index: of the parameter, from 1.
    /// - Returns: a result code.
    func bind(to statement: SQLiteStatement, at index: Int32) -> Int32 {
        switch self {
        case .null:
            return sqlite3_bind_null(statement, index)
        case .integer(let number):
            return sqlite3_bind_int64(statement, index, number)
        case .text(var text):
            return text.withUTF8 { utf8 in
                utf8.withMemoryRebound(to: CChar.self) { characters in
                    // A null pointer would bind NULL, not the empty text.
                    guard let start = characters.baseAddress else {
                        return sqlite3_bind_text64(statement, index, "", 0, Self.transient, UInt8(SQLITE_UTF8))
                    }
                    return sqlite3_bind_text64(
                        statement, index, start, UInt64(characters.count), Self.transient, UInt8(SQLITE_UTF8))
                }
            }
        case .bytes(let bytes):
            guard !bytes.isEmpty else { return sqlite3_bind_zeroblob(statement, index, 0) }
            return bytes.withUnsafeBytes { buffer in
                sqlite3_bind_blob64(statement, index, buffer.baseAddress, UInt64(buffer.count), Self.transient)
            }
        }
    }

    /// Tells SQLite to copy what it is given: `SQLITE_TRANSIENT`, a macro that Swift does not import.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
}

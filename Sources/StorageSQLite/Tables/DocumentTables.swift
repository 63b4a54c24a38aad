import protocol Crypto.HashFunction
import struct Crypto.SHA256
import struct Crypto.SHA512
import OCI
import RegistryCore
import RegistryPorts

extension MetadataTables {
    /// Documents under their digest, in tables of the same shape.
    enum DocumentKind: String {
        case manifest
        case evidence = "evidence_document"
    }

    /// - Throws: `.corrupted` when the bytes are not what their digest says.
    func document(_ digest: Digest, _ kind: DocumentKind) throws(StorageFault) -> [UInt8]? {
        let bytes = try connection.first("SELECT bytes FROM \(kind.rawValue) WHERE digest = ?", [.bytes(digest)]) {
            row throws(StorageFault) in try row.bytes(0)
        }
        guard let bytes else { return nil }
        guard bytes.matches(digest) else {
            throw .corrupted(reason: "the \(kind.rawValue) \(digest) holds other bytes")
        }
        return bytes
    }

    /// Putting the same document again changes nothing.
    ///
    /// - Throws: `.digestMismatch` when the bytes are not what their digest says.
    func put(_ document: [UInt8], digest: Digest, _ kind: DocumentKind) throws(StorageFault) {
        guard document.matches(digest) else { throw .digestMismatch(actual: try Digest(of: document)) }
        try connection.run(
            "INSERT INTO \(kind.rawValue) (digest, bytes) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING",
            [.bytes(digest), .bytes(document)])
    }

    func evidence(version id: Int64) throws(StorageFault) -> [EvidenceEntry] {
        try connection.all(
            "SELECT kind, digest, size_bytes, time, event FROM evidence WHERE version = ? ORDER BY event, id",
            [.integer(id)]
        ) { row throws(StorageFault) in
            EvidenceEntry(
                kind: try row.named(0), digest: try row.digest(1), sizeBytes: try row.bits(2), time: try row.time(3),
                eventIndex: try row.count(4))
        }
    }

    func put(_ entry: EvidenceEntry, version id: Int64) throws(StorageFault) {
        try connection.run(
            """
            INSERT INTO evidence (version, event, kind, digest, size_bytes, time) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (version, event, kind, digest) DO NOTHING
            """,
            [
                .integer(id), .integer(try Int64(logIndex: entry.eventIndex)), .text(entry.kind.rawValue),
                .bytes(entry.digest), .bits(entry.sizeBytes), .integer(entry.time),
            ])
    }

    func inspection(_ key: InspectionKey) throws(StorageFault) -> [UInt8]? {
        try connection.first(
            "SELECT bytes FROM inspection WHERE blob = ? AND name = ? AND rules = ?",
            [.bytes(key.blob), .text(key.name), .text(key.rules)]
        ) { row throws(StorageFault) in try row.bytes(0) }
    }

    func putInspection(_ document: [UInt8], _ key: InspectionKey) throws(StorageFault) {
        try connection.run(
            """
            INSERT INTO inspection (blob, name, rules, bytes) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (blob, name, rules) DO UPDATE SET bytes = ?4
            """, [.bytes(key.blob), .text(key.name), .text(key.rules), .bytes(document)])
    }
}

extension [UInt8] {
    fileprivate func matches(_ digest: Digest) -> Bool {
        switch digest.algorithm {
        case .sha256: SHA256.hash(data: self).elementsEqual(digest.bytes)
        case .sha512: SHA512.hash(data: self).elementsEqual(digest.bytes)
        }
    }
}

extension Digest {
    fileprivate init(of document: [UInt8]) throws(StorageFault) {
        do { try self.init(sha256: Array(SHA256.hash(data: document))) } catch {
            throw .unavailable(reason: "a SHA-256 digest has \(Digest.Algorithm.sha256.byteCount) bytes")
        }
    }
}

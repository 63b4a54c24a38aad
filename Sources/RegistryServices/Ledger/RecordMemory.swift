package import RegistryCore

/// Records that were believed once, as many as fit into a number of bytes.
///
/// When they do not fit any more, every second one goes: whoever asks for more artifacts than fit, in whatever order,
/// finds about as many of them here as fit.
package struct RecordMemory: Sendable {
    /// What a record takes besides its own bytes: two blocks of memory and a slot in a table that is half empty.
    package static let overheadBytes = 128

    private let bytesMax: Int
    private var records: [ArtifactName: PackedRecord] = [:]
    /// What is in use, about.
    package private(set) var bytes = 0

    package init(bytesMax: Int) {
        self.bytesMax = bytesMax
    }

    package var count: Int { records.count }

    package subscript(name: ArtifactName) -> KnownRecord? { records[name]?.known }

    /// Makes room where there is none.
    package mutating func remember(_ known: KnownRecord) {
        let (packed, name) = (PackedRecord(known), known.record.name)
        let added = Self.bytes(of: packed, named: name)
        guard added <= bytesMax else { return forget(name) }
        put(packed, added, name)
        while bytes > bytesMax { halve(keeping: name) }
    }

    /// Keeps the record where that pushes out no other. What is here of its name stays.
    package mutating func rememberIfRoom(_ record: ArtifactRecord) {
        guard records[record.name] == nil else { return }
        let packed = PackedRecord(KnownRecord(record))
        let added = Self.bytes(of: packed, named: record.name)
        guard bytes + added <= bytesMax else { return }
        put(packed, added, record.name)
    }

    package mutating func forget(_ name: ArtifactName) {
        guard let packed = records.removeValue(forKey: name) else { return }
        bytes -= Self.bytes(of: packed, named: name)
    }

    private mutating func put(_ packed: PackedRecord, _ added: Int, _ name: ArtifactName) {
        forget(name)
        records[name] = packed
        bytes += added
    }

    private mutating func halve(keeping kept: ArtifactName) {
        var goes = false
        for (name, packed) in records where name != kept {
            goes.toggle()
            guard goes else { continue }
            records[name] = nil
            bytes -= Self.bytes(of: packed, named: name)
        }
    }

    private static func bytes(of packed: PackedRecord, named name: ArtifactName) -> Int {
        packed.count + name.description.utf8.count + overheadBytes
    }
}

import RegistryCore
import RegistryPorts

/// The columns of a record, in the order in which they are read and written.
enum RecordColumns {
    static let names = [
        "tenant", "digest", "name", "state", "layout", "content", "size_bytes", "filename", "format", "source",
        "source_revision", "acquired_at", "promoted_at", "state_since", "reason", "head_index", "evidence_count",
        "verdict", "rules", "inspection", "structure", "tensor_manifest", "policy_version", "policy", "decision",
        "claims", "boot_lock", "seal", "pushed_by",
        "waivers", "rests_on", "recheck",
    ]

    /// Where a column of another table follows.
    static let count = Int32(names.count)

    static let selected = names.map { "record.\($0)" }.joined(separator: ", ")

    /// The number of the version, then the columns.
    static let upsert = """
        INSERT INTO record (version, \(names.joined(separator: ", ")))
        VALUES (?\(String(repeating: ", ?", count: names.count)))
        ON CONFLICT (version) DO UPDATE SET \(names.map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
        """
}

extension SealedRecord {
    /// Values for `RecordColumns`.
    ///
    /// - Throws: `.corrupted` for an index that no log can have.
    func columns() throws(StorageFault) -> [SQLValue] {
        let content = record.acquisition.content
        let inspection = record.inspection
        let admittance = record.admittance
        return [
            .text(record.key.tenant), .bytes(record.key.version), .text(record.name), .text(record.state.rawValue),
            .text(content.layout.rawValue), .bytes(content.sha256), .bits(content.sizeBytes), .text(content.filename),
            .text(record.acquisition.format), .text(record.acquisition.source),
            .text(record.acquisition.sourceRevision), .integer(record.acquiredAt), .integer(record.promotedAt),
            .integer(record.stateSince), .text(record.reason), .integer(try Int64(logIndex: record.headIndex)),
            .bits(record.evidenceCount),
            .text(inspection?.verdict), .text(inspection?.rules), .bytes(inspection?.evidence),
            .bytes(inspection?.structure), .bytes(inspection?.tensorManifest),
            .text(admittance?.policyVersion), .bytes(admittance?.policyDigest), .bytes(admittance?.decision),
            .bytes(admittance?.claims), .bytes(admittance?.bootLock), .bytes(seal),
            .text(Self.text(record.pushedBy)), .text(WaiverColumns.text(record.waivers)),
            .text(WaiverColumns.text(admittance)), .text(WaiverColumns.text(record.recheck)),
        ]
    }

    /// Reads `RecordColumns` from the row's first column on.
    init(_ row: Columns) throws(StorageFault) {
        let acquisition = Acquisition(
            content: ContentIdentity(
                layout: try row.named(4), sha256: try row.digest(5), sizeBytes: try row.bits(6),
                filename: try row.text(7)),
            format: try row.text(8), source: try row.ifPresent(9, row.text),
            sourceRevision: try row.ifPresent(10, row.text))
        let record = ArtifactRecord(
            storedKey: ArtifactKey(tenant: try row.tenant(0), version: try row.digest(1)), name: try row.name(2),
            state: try row.named(3), acquisition: acquisition, acquiredAt: try row.time(11),
            promotedAt: try row.ifPresent(12, row.time), stateSince: try row.time(13),
            reason: try row.ifPresent(14, row.text), headIndex: try row.count(15),
            inspection: try Self.inspection(row), admittance: try Self.admittance(row), evidenceCount: try row.bits(16),
            pushedBy: try row.ifPresent(28, row.text).map(Self.publishers) ?? [],
            waivers: try row.ifPresent(29, row.text).map(WaiverColumns.waivers) ?? [],
            recheck: try row.ifPresent(31, row.text).map(WaiverColumns.recheck))
        self.init(record: record, seal: try row.bytes(27))
    }

    /// - Returns: `nil` for nobody, as rows of earlier programs have it.
    private static func text(_ publishers: [PrincipalName]) -> String? {
        publishers.isEmpty ? nil : publishers.map(\.description).joined(separator: " ")
    }

    private static func publishers(_ text: String) throws(StorageFault) -> [PrincipalName] {
        do {
            return try text.split(separator: " ", omittingEmptySubsequences: false)
                .map { try PrincipalName(parsing: String($0)) }
        } catch {
            throw .corrupted(reason: "a record was pushed by somebody whose name is none")
        }
    }

    /// - Returns: `nil` for a row that somebody edited so that it is no record any more.
    static func ifReadable(_ row: Columns) throws(StorageFault) -> SealedRecord? {
        do throws(StorageFault) {
            return try SealedRecord(row)
        } catch {
            guard case .corrupted = error else { throw error }
            return nil
        }
    }

    private static func inspection(_ row: Columns) throws(StorageFault) -> InspectionOutcome? {
        guard !row.isNull(17) else { return nil }
        return InspectionOutcome(
            verdict: try row.text(17), rules: try row.text(18), evidence: try row.digest(19),
            structure: try row.ifPresent(20, row.digest), tensorManifest: try row.ifPresent(21, row.digest))
    }

    private static func admittance(_ row: Columns) throws(StorageFault) -> Admittance? {
        guard !row.isNull(22) else { return nil }
        let basis = try row.ifPresent(30, row.text).map(WaiverColumns.basis)
        return Admittance(
            policyVersion: try row.text(22), policyDigest: try row.digest(23), decision: try row.digest(24),
            claims: try row.ifPresent(25, row.digest), bootLock: try row.ifPresent(26, row.digest),
            waivers: basis?.waivers ?? [], validUntil: basis?.validUntil)
    }
}

extension Int64 {
    /// A position in the log or a tile level, which SQLite compares as a signed number.
    init(logIndex index: UInt64) throws(StorageFault) {
        guard let number = Int64(exactly: index) else {
            throw .corrupted(reason: "no log has an index of \(index)")
        }
        self = number
    }
}

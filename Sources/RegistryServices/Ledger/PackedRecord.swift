import OCI
package import RegistryCore
import StrictJSON

/// A record, and what is known of its version besides.
package struct KnownRecord: Sendable, Hashable {
    package var record: ArtifactRecord
    /// As long as they were not asked for, `nil`.
    package var facts: ModelFacts?

    package init(_ record: ArtifactRecord, facts: ModelFacts? = nil) {
        self.record = record
        self.facts = facts
    }
}

/// A record in as few bytes as hold it, to be kept in memory by the hundred thousand.
package struct PackedRecord: Sendable {
    private let bytes: [UInt8]

    package init(_ known: KnownRecord) {
        var writer = PackedWriter()
        writer.add(known.record)
        writer.add(known.facts)
        // A copy, because what grew by appending has room to spare.
        bytes = Array(writer.bytes[...])
    }

    package var count: Int { bytes.count }

    /// - Returns: `nil` when these bytes are no record, which nothing here makes.
    package var known: KnownRecord? {
        var reader = PackedReader(bytes: bytes)
        return try? KnownRecord(reader.record(), facts: reader.facts())
    }
}

/// Numbers are written in groups of seven bits, lowest first; texts and digests with their length or kind before them.
private struct PackedWriter {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ record: ArtifactRecord) {
        bytes.reserveCapacity(1_024)
        let (acquisition, content) = (record.acquisition, record.acquisition.content)
        add(record.key.tenant.description)
        add(record.key.version)
        add(record.name.description)
        add(record.state.rawValue)
        add(content.layout.rawValue)
        add(content.sha256)
        add(content.sizeBytes)
        add(content.filename)
        add(acquisition.format)
        if let source = marked(acquisition.source) { add(source) }
        if let revision = marked(acquisition.sourceRevision) { add(revision) }
        add(record.acquiredAt)
        if let promotedAt = marked(record.promotedAt) { add(promotedAt) }
        add(record.stateSince)
        if let reason = marked(record.reason) { add(reason) }
        add(record.headIndex)
        add(record.evidenceCount)
        if let inspection = marked(record.inspection) { add(inspection) }
        if let admittance = marked(record.admittance) { add(admittance) }
        add(UInt64(record.pushedBy.count))
        for publisher in record.pushedBy { add(publisher.description) }
        add(UInt64(record.waivers.count))
        for waiver in record.waivers { add(waiver.json) }
        if let recheck = marked(record.recheck) { add(recheck.json) }
    }

    mutating func add(_ facts: ModelFacts?) {
        guard let facts = marked(facts) else { return }
        add(facts.kind.rawValue)
        for text in [facts.format, facts.architecture, facts.quantization, facts.license] {
            if let text = marked(text) { add(text) }
        }
        if let count = marked(facts.parameterCount) { add(count) }
        if let length = marked(facts.contextLength) { add(length) }
    }

    /// What few records have.
    private mutating func add(_ value: JSONValue) {
        add(String(decoding: value.encoded(), as: UTF8.self))
    }

    private mutating func add(_ inspection: InspectionOutcome) {
        add(inspection.verdict)
        add(inspection.rules)
        add(inspection.evidence)
        if let structure = marked(inspection.structure) { add(structure) }
        if let manifest = marked(inspection.tensorManifest) { add(manifest) }
    }

    private mutating func add(_ admittance: Admittance) {
        add(admittance.policyVersion)
        add(admittance.policyDigest)
        add(admittance.decision)
        if let claims = marked(admittance.claims) { add(claims) }
        if let bootLock = marked(admittance.bootLock) { add(bootLock) }
        add(UInt64(admittance.waivers.count))
        for waiver in admittance.waivers { add(waiver) }
        if let validUntil = marked(admittance.validUntil) { add(validUntil) }
    }

    private mutating func add(_ number: UInt64) {
        var left = number
        while left >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: left) | 0x80)
            left >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: left))
    }

    private mutating func add(_ time: Timestamp) {
        add(UInt64(bitPattern: time.milliseconds))
    }

    private mutating func add(_ text: String) {
        add(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func add(_ digest: Digest) {
        bytes.append(digest.algorithm == .sha256 ? 0 : 1)
        bytes.append(contentsOf: digest.bytes)
    }

    /// Writes down whether there is a value.
    private mutating func marked<Value>(_ value: Value?) -> Value? {
        bytes.append(value == nil ? 0 : 1)
        return value
    }
}

private struct PackedReader {
    struct Unreadable: Error {}

    let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func record() throws -> ArtifactRecord {
        let key = ArtifactKey(tenant: try tenant(), version: try digest())
        let name = try ArtifactName(parsing: try text())
        let state: ArtifactState = try named()
        let content = ContentIdentity(
            layout: try named(), sha256: try digest(), sizeBytes: try number(), filename: try text())
        let acquisition = Acquisition(
            content: content, format: try text(), source: try isPresent() ? try text() : nil,
            sourceRevision: try isPresent() ? try text() : nil)
        let acquiredAt = try time()
        let promotedAt = try isPresent() ? try time() : nil
        let stateSince = try time()
        let reason = try isPresent() ? try text() : nil
        let (headIndex, evidenceCount) = (try number(), try number())
        return ArtifactRecord(
            storedKey: key, name: name, state: state, acquisition: acquisition, acquiredAt: acquiredAt,
            promotedAt: promotedAt, stateSince: stateSince, reason: reason, headIndex: headIndex,
            inspection: try isPresent() ? try inspection() : nil,
            admittance: try isPresent() ? try admittance() : nil, evidenceCount: evidenceCount,
            pushedBy: try publishers(), waivers: try (0..<(try number())).map { _ in try Waiver(json: try json()) },
            recheck: try isPresent() ? try Recheck(json: try json()) : nil)
    }

    mutating func facts() throws -> ModelFacts? {
        guard try isPresent() else { return nil }
        return ModelFacts(
            kind: try named(), format: try isPresent() ? try text() : nil,
            architecture: try isPresent() ? try text() : nil, quantization: try isPresent() ? try text() : nil,
            license: try isPresent() ? try text() : nil, parameterCount: try isPresent() ? try number() : nil,
            contextLength: try isPresent() ? try number() : nil)
    }

    private mutating func inspection() throws -> InspectionOutcome {
        InspectionOutcome(
            verdict: try text(), rules: try text(), evidence: try digest(),
            structure: try isPresent() ? try digest() : nil, tensorManifest: try isPresent() ? try digest() : nil)
    }

    private mutating func admittance() throws -> Admittance {
        Admittance(
            policyVersion: try text(), policyDigest: try digest(), decision: try digest(),
            claims: try isPresent() ? try digest() : nil, bootLock: try isPresent() ? try digest() : nil,
            waivers: try (0..<(try number())).map { _ in try number() },
            validUntil: try isPresent() ? try time() : nil)
    }

    private mutating func publishers() throws -> [PrincipalName] {
        try (0..<(try number())).map { _ in try PrincipalName(parsing: try text()) }
    }

    private mutating func byte() throws -> UInt8 {
        guard position < bytes.count else { throw Unreadable() }
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func isPresent() throws -> Bool { try byte() == 1 }

    private mutating func take(_ count: UInt64) throws -> ArraySlice<UInt8> {
        guard count <= UInt64(bytes.count - position) else { throw Unreadable() }
        let start = position
        position += Int(count)
        return bytes[start..<position]
    }

    private mutating func number() throws -> UInt64 {
        var number: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            let next = try byte()
            number |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return number }
        }
        throw Unreadable()
    }

    private mutating func time() throws -> Timestamp {
        Timestamp(clamping: Int64(bitPattern: try number()))
    }

    private mutating func text() throws -> String {
        String(decoding: try take(try number()), as: UTF8.self)
    }

    private mutating func json() throws -> JSONValue {
        let bytes = Array(try take(try number()))
        return try StrictJSON.parse(bytes, limits: .event)
    }

    private mutating func named<Value: RawRepresentable<String>>() throws -> Value {
        guard let value = Value(rawValue: try text()) else { throw Unreadable() }
        return value
    }

    private mutating func tenant() throws -> Tenant {
        let text = try text()
        return text == Tenant.default.description ? .default : try Tenant(parsing: text)
    }

    private mutating func digest() throws -> Digest {
        let algorithm: Digest.Algorithm = try byte() == 0 ? .sha256 : .sha512
        return try Digest(algorithm, bytes: Array(try take(UInt64(algorithm.byteCount))))
    }
}

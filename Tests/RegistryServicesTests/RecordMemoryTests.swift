import struct Crypto.SHA256
import OCI
import RegistryCore
import RegistryServices
import Testing

@Suite struct RecordMemoryTests {
    @Test("A packed record comes back as it was, whatever it holds")
    func roundTrip() throws {
        for record in try Self.records {
            for facts in [nil] + Self.facts {
                let known = KnownRecord(record, facts: facts)
                #expect(PackedRecord(known).known == known)
            }
        }
    }

    @Test("A record of one file takes less than half a kilobyte")
    func size() throws {
        let record = try Self.record(7)
        #expect(PackedRecord(KnownRecord(record, facts: Self.facts[0])).count < 512)
    }

    @Test("What is remembered is found, and what is forgotten is not")
    func remember() throws {
        var memory = RecordMemory(bytesMax: 1 << 20)
        let (first, second) = (try Self.record(1), try Self.record(2))
        memory.remember(KnownRecord(first))
        memory.rememberIfRoom(second)
        #expect(memory[first.name]?.record == first)
        #expect(memory[second.name]?.record == second)
        memory.forget(first.name)
        #expect(memory[first.name] == nil)
        memory.forget(second.name)
        #expect(memory.bytes == 0)
    }

    @Test("A record that nobody asked for pushes out nothing that is known of it")
    func keepFacts() throws {
        var memory = RecordMemory(bytesMax: 1 << 20)
        let record = try Self.record(1)
        memory.remember(KnownRecord(record, facts: Self.facts[0]))
        memory.rememberIfRoom(record)
        #expect(memory[record.name]?.facts == Self.facts[0])
    }

    @Test("A newer record takes the place of the older one")
    func replace() throws {
        var memory = RecordMemory(bytesMax: 1 << 20)
        var record = try Self.record(1)
        memory.remember(KnownRecord(record))
        record.state = .revoked
        record.reason = "found wanting"
        memory.remember(KnownRecord(record))
        #expect(memory[record.name]?.record == record)
        #expect(memory.count == 1)
    }

    @Test("Memory stays within its bound, and half of the records stay when there are too many")
    func bound() throws {
        let one = PackedRecord(KnownRecord(try Self.record(1))).count + RecordMemory.overheadBytes + 32
        var memory = RecordMemory(bytesMax: 100 * one)
        var most = 0
        for number in 0..<1_000 {
            let record = try Self.record(number)
            memory.remember(KnownRecord(record))
            #expect(memory.bytes <= 100 * one)
            #expect(memory[record.name]?.record == record)
            most = max(most, memory.count)
            if most > 60 { #expect(memory.count >= most / 3) }
        }
        #expect(most >= 90)
    }

    @Test("Only as much as there is room for is kept of what nobody asked for")
    func room() throws {
        let asked = try Self.record(0)
        let one = PackedRecord(KnownRecord(asked)).count + RecordMemory.overheadBytes + 32
        var memory = RecordMemory(bytesMax: 10 * one)
        memory.remember(KnownRecord(asked))
        for number in 1..<100 { memory.rememberIfRoom(try Self.record(number)) }
        #expect(memory[asked.name]?.record == asked)
        #expect((9...11).contains(memory.count))
    }

    @Test("Two records of which only one fits take turns")
    func tight() throws {
        let (first, second) = (try Self.record(1), try Self.record(2))
        var memory = RecordMemory(bytesMax: PackedRecord(KnownRecord(first)).count + RecordMemory.overheadBytes + 64)
        memory.remember(KnownRecord(first))
        memory.remember(KnownRecord(second))
        #expect(memory[first.name] == nil)
        #expect(memory[second.name]?.record == second)
    }

    @Test("A record that is larger than the bound is not kept")
    func tooLarge() throws {
        var memory = RecordMemory(bytesMax: 64)
        memory.remember(KnownRecord(try Self.record(1)))
        #expect(memory.count == 0)
        #expect(memory.bytes == 0)
    }

    private static let facts = [
        ModelFacts(
            kind: .model, format: "gguf", architecture: "llama", quantization: "Q4_K_M", license: "apache-2.0",
            parameterCount: 8_030_261_248, contextLength: .max),
        ModelFacts(
            kind: .index, format: nil, architecture: nil, quantization: nil, license: nil, parameterCount: nil,
            contextLength: nil),
    ]

    /// As a promoted file leaves one.
    private static func record(_ number: Int) throws -> ArtifactRecord {
        let digest = try Digest(sha256: Array(SHA256.hash(data: Array("record \(number)".utf8))))
        return ArtifactRecord(
            storedKey: ArtifactKey(tenant: .default, version: digest),
            name: try ArtifactName(parsing: "team/model-\(1_000 + number)"), state: .trusted,
            acquisition: Acquisition(
                content: ContentIdentity(layout: .file, sha256: digest, sizeBytes: 4_096, filename: "model.gguf"),
                format: "gguf", source: "https://models.example/team/model", sourceRevision: nil),
            acquiredAt: Timestamp(clamping: 1_800_000_000_000), promotedAt: Timestamp(clamping: 1_800_000_000_900),
            stateSince: Timestamp(clamping: 1_800_000_000_900), reason: nil, headIndex: UInt64(number) * 4,
            inspection: InspectionOutcome(
                verdict: "clean", rules: "2026-11", evidence: digest, structure: digest, tensorManifest: digest),
            admittance: Admittance(policyVersion: "1", policyDigest: digest, decision: digest), evidenceCount: 2,
            pushedBy: [])
    }

    private static var records: [ArtifactRecord] {
        get throws {
            let full = try record(1)
            var received = full
            received.state = .acquired
            received.promotedAt = nil
            received.inspection = nil
            received.admittance = nil
            received.acquisition.source = nil
            received.evidenceCount = 0
            received.pushedBy = try ["ci", String(repeating: "long", count: 16)].map { try PrincipalName(parsing: $0) }
            var directory = full
            directory.key.tenant = try Tenant(parsing: "another-tenant")
            directory.acquisition.content.layout = .directory
            directory.acquisition.content.sizeBytes = .max
            directory.acquisition.sourceRevision = "Ümläute 世界 \u{0}"
            directory.inspection?.structure = nil
            directory.inspection?.tensorManifest = nil
            directory.admittance?.claims = full.key.version
            directory.admittance?.bootLock = full.key.version
            directory.headIndex = .max
            var revoked = full
            revoked.state = .revoked
            revoked.reason = String(repeating: "long ", count: 1_000)
            revoked.acquiredAt = Timestamp(clamping: .min)
            revoked.stateSince = Timestamp(clamping: .max)
            var long = full
            long.acquisition.content.sha256 = try Digest(sha512: [UInt8](repeating: 0x5A, count: 64))
            return [full, received, directory, revoked, long]
        }
    }
}

import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StrictJSON
import Testing

@Suite("What other scanners say")
struct ScanningTests {
    private static let threat = ScanOutcome.completed(
        [ScanFinding(isThreat: true, title: "Evil.A", detail: "x")], withTensors: true)
    private static let suspicion = ScanOutcome.completed(
        [ScanFinding(isThreat: false, title: "Odd.A")], withTensors: true)

    private static func registry(_ scanners: FakeScanner..., policy: String = Policy.defaultDocument) async throws
        -> TestRegistry
    {
        try await TestRegistry(try TestWorld(), policy: policy, scanners: scanners)
    }

    @Test("A scanner makes a verdict worse, and says so in the evidence with its version and rules")
    func worse() async throws {
        let scanner = FakeScanner("clamav")
        let registry = try await Self.registry(scanner)
        scanner.answer(Self.threat)
        try await registry.acquire("a", ModelBytes.gguf())
        let error = await expectError(.policyRefused) { try await registry.promote("a") }
        let finding = error?.detail["findings"]?.asArray?.first?.asObject
        #expect(finding?["rule"] == "scanner.threat")
        #expect(finding?["member"] == "clamav: Evil.A")
        let record = try await registry.record("a")
        #expect(record.inspection?.verdict == "block")
        let evidence = try #require(record.inspection?.evidence)
        let document = try StrictJSON.parse(
            try await registry.history.document(of: record.name, evidence.description), limits: .requestBody)
        let scan = document.asObject?["files"]?.asArray?.first?.asObject?["scans"]?.asArray?.first?.asObject
        #expect(scan?["scanner"] == "clamav")
        #expect(scan?["version"] == "fake 1")
        #expect(scan?["rules"] == "1")
        #expect(scan?["outcome"] == "completed")
    }

    @Test("A scanner that finds nothing makes nothing better")
    func notBetter() async throws {
        let registry = try await Self.registry(FakeScanner("clamav"))
        try await registry.acquire("a", Array("#!/bin/sh\nrm -rf /\n".utf8), filename: "a.sh")
        await expectError(.policyRefused) { try await registry.promote("a") }
        #expect(try await registry.trust("b", ModelBytes.gguf()).state == .trusted)
    }

    @Test("A scanner that came to no result leaves nothing promotable, and is asked again")
    func failed() async throws {
        let scanner = FakeScanner("clamav")
        let registry = try await Self.registry(scanner)
        try await registry.acquire("a", ModelBytes.gguf())
        scanner.answer(.failed("it took too long"))
        await expectError(.inspectionUndecided) { try await registry.promote("a") }
        scanner.goAway()
        await expectError(.inspectionUndecided) { try await registry.promote("a") }
        scanner.goAway(false)
        scanner.answer(.notScanned("too large"))
        await expectError(.inspectionUndecided) { try await registry.promote("a") }
        scanner.use(rules: "2")
        scanner.answer(.completed([], withTensors: true))
        #expect(try await registry.promote("a").state == .trusted)
    }

    @Test("Each file is scanned once by the same rules, and again by others")
    func kept() async throws {
        let scanner = FakeScanner("clamav")
        let registry = try await Self.registry(scanner)
        try await registry.trust("a", ModelBytes.gguf())
        try await registry.trust("b", ModelBytes.gguf())
        #expect(scanner.scanned == ["model.gguf"])
        scanner.use(rules: "2")
        try await registry.trust("c", ModelBytes.gguf())
        #expect(scanner.scanned == ["model.gguf", "model.gguf"])
    }

    @Test("A policy can ask for a scanner; tensors that it skipped do not count against it")
    func required() async throws {
        let policy = """
            pratique: policy/v1
            name: scanned
            version: "1"
            formats: { gguf: { require: { scanners: [clamav, yara] } } }
            """
        let one = try await Self.registry(FakeScanner("clamav"), policy: policy)
        try await one.acquire("a", ModelBytes.gguf())
        let error = await expectError(.policyRefused) { try await one.promote("a") }
        #expect(error?.detail["codes"] == ["format:gguf"])
        let clamav = FakeScanner("clamav")
        clamav.answer(.completed([], withTensors: false))
        let both = try await Self.registry(clamav, FakeScanner("yara"), policy: policy)
        #expect(try await both.trust("a", ModelBytes.gguf()).state == .trusted)
    }

    @Test("What a scanner finds suspicious can be waived, by what it calls it")
    func waived() async throws {
        let scanner = FakeScanner("yara")
        let registry = try await Self.registry(scanner)
        scanner.answer(Self.suspicion)
        let version = try await registry.acquire("a", ModelBytes.gguf()).key.version
        await expectError(.policyRefused) { try await registry.promote("a") }
        for (member, isEnough) in [("yara: Other", false), ("yara: Odd.A", true)] {
            _ = try await registry.waivers.grant(
                WaiverOrder(
                    rule: "scanner.suspicion", digest: version, member: member, reason: "known", end: .after(days: 1)),
                TestRegistry.caller
            ) { _ in true }
            guard isEnough else {
                await expectError(.policyRefused) { try await registry.promote("a") }
                continue
            }
            #expect(try await registry.promote("a").state == .trusted)
        }
    }
}

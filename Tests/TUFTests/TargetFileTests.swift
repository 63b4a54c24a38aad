import RepositorySimulator
import StrictJSON
import TUF
import Testing

@Suite("Targets")
struct TargetFileTests {
    private static func found(_ path: String, hasConsistentSnapshots: Bool = true) throws -> (
        TrustedMetadata, TargetFile
    ) {
        var repository = try RepositorySimulator()
        repository.hasConsistentSnapshots = hasConsistentSnapshots
        repository.revise("root")
        repository.roles["targets"]?.targets = [(path, Array("content".utf8))]
        try repository.publish("root")
        try repository.publishRevision(of: "targets")
        var client = SimulatedClient(anchor: repository.anchor)
        let metadata = try client.update(from: repository)
        return (metadata, try client.find(path, in: metadata, from: repository))
    }

    @Test("Only the bytes that were signed for are a target")
    func content() throws {
        let (_, target) = try Self.found("x")
        try target.check(Array("content".utf8))
        #expect(throws: TUFRefusal(.targets, .hashMismatch)) { try target.check(Array("Content".utf8)) }
        #expect(throws: TUFRefusal(.targets, .lengthMismatch)) { try target.check(Array("content ".utf8)) }
        #expect(throws: TUFRefusal(.targets, .lengthMismatch)) { try target.check([]) }
    }

    @Test("The hash stands before the last name of an address, and each name is percent-encoded")
    func address() throws {
        let hash = RepositorySimulator.sha256(Array("content".utf8))
        let (metadata, target) = try Self.found("a b/c?/d.json")
        #expect(try metadata.address(of: target) == "a%20b/c%3F/\(hash).d.json")
        let (plain, same) = try Self.found("a b/d.json", hasConsistentSnapshots: false)
        #expect(try plain.address(of: same) == "a%20b/d.json")
    }

    @Test("Paths that lead elsewhere have no address", arguments: ["../x", "/x", "a//b", "a/./b", "a/..", "a/"])
    func escapes(path: String) throws {
        let (metadata, target) = try Self.found(path)
        #expect(throws: TUFRefusal.self) { try metadata.address(of: target) }
        #expect(!target.fileName.contains("/"))
    }

    @Test("A target's file has one short name, whatever its path")
    func fileName() throws {
        #expect(try Self.found("a/b.json").1.fileName == "a%2Fb.json")
        let long = try Self.found(String(repeating: "x/", count: 200) + "y").1.fileName
        #expect(long.utf8.count < 100)
        #expect(long.hasPrefix("%sha256-"))
    }

    @Test("A target with hashes of unknown algorithms alone is refused, and one that is too long is not fetched")
    func unknownHashes() throws {
        var repository = try RepositorySimulator()
        repository.roles["targets"]?.others = [
            (
                "targets",
                [
                    "x": ["length": 1, "hashes": ["md5": "00"]],
                    "y": ["length": 99_000_000_000, "hashes": ["sha256": .string(String(repeating: "0", count: 64))]],
                ]
            )
        ]
        try repository.publishRevision(of: "targets")
        var client = SimulatedClient(anchor: repository.anchor)
        let metadata = try client.update(from: repository)
        let unknown = try client.find("x", in: metadata, from: repository)
        #expect(throws: TUFRefusal(.targets, .noKnownHash)) { try unknown.check([0]) }
        let long = try client.find("y", in: metadata, from: repository)
        #expect(throws: TUFRefusal(.targets, .tooLarge(bytesMax: 16 << 20))) { try metadata.bytesMax(of: long) }
    }
}

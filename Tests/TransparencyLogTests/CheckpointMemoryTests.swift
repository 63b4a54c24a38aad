import Testing
import TransparencyLog

@Suite("Checkpoint memory")
struct CheckpointMemoryTests {
    let log: TestLog
    /// The same log until leaf 200, another history after it.
    let fork: TestLog

    init() throws {
        log = try TestLog(size: 600)
        var fork = try TestLog(size: 200)
        for index in 200..<600 { fork.append("other \(index)") }
        self.fork = fork
    }

    @Test("The first checkpoint is accepted as such")
    func first() throws {
        let decision = CheckpointMemory(remembered: nil).judge(try log.checkpoint(at: 10), proof: nil)
        #expect(decision == .first)
        #expect(decision.isAcceptable)
    }

    @Test("The remembered checkpoint again is the same, without any proof")
    func same() throws {
        let memory = CheckpointMemory(remembered: try log.checkpoint(at: 10))
        #expect(memory.judge(try log.checkpoint(at: 10), proof: nil) == .same)
    }

    @Test("Growth is accepted with a proof, by path and by tiles", arguments: [1, 7, 128, 255, 256, 257, 599])
    func grown(old: UInt64) throws {
        let memory = CheckpointMemory(remembered: try log.checkpoint(at: old))
        let proof = try log.builder.consistencyProof(from: old, to: 600)
        #expect(memory.judge(try log.checkpoint(at: 600), proof: proof) == .grown(from: old, to: 600))
        let tiles = try log.tiles(old: old, new: 600)
        #expect(memory.judge(try log.verified(at: 600), tiles: tiles) == .grown(from: old, to: 600))
    }

    @Test("Growth without a proof is not accepted")
    func unproven() throws {
        let memory = CheckpointMemory(remembered: try log.checkpoint(at: 10))
        let decision = memory.judge(try log.checkpoint(at: 600), proof: nil)
        #expect(decision == .unproven(nil))
        #expect(!decision.isAcceptable)
    }

    @Test("A smaller tree is a rollback, even an honest earlier one")
    func rolledBack() throws {
        let memory = CheckpointMemory(remembered: try log.checkpoint(at: 300))
        let decision = memory.judge(try log.checkpoint(at: 299), proof: nil)
        #expect(decision == .rolledBack(remembered: 300, offered: 299))
        #expect(!decision.isAcceptable)
    }

    @Test("Two roots for one size convict the log")
    func sameSizeFork() throws {
        let memory = CheckpointMemory(remembered: try log.checkpoint(at: 300))
        let decision = memory.judge(try fork.checkpoint(at: 300), proof: nil)
        let roots = (try log.checkpoint(at: 300).root, try fork.checkpoint(at: 300).root)
        #expect(decision == .rewritten(.sameSize(300, remembered: roots.0, offered: roots.1)))
        #expect(!decision.isAcceptable)
    }

    @Test("A larger tree with a changed past is convicted by its own tiles", arguments: [201, 255, 256, 257, 512, 599])
    func rewritten(old: UInt64) throws {
        let memory = CheckpointMemory(remembered: try log.checkpoint(at: old))
        let tiles = try fork.tiles(old: old, new: 600)
        let expected = CheckpointDecision.Rewriting.notAPrefix(
            size: old, remembered: try log.checkpoint(at: old).root, offered: try fork.checkpoint(at: old).root)
        #expect(memory.judge(try fork.verified(at: 600), tiles: tiles) == .rewritten(expected))
    }

    @Test("A larger tree with a changed past is never accepted by a path", arguments: [201, 255, 256, 257, 512, 599])
    func rewrittenByPath(old: UInt64) throws {
        let memory = CheckpointMemory(remembered: try log.checkpoint(at: old))
        let proof = try fork.builder.consistencyProof(from: old, to: 600)
        let decision = memory.judge(try fork.checkpoint(at: 600), proof: proof)
        #expect(!decision.isAcceptable)
        // At other sizes than powers of two the path itself shows the other past.
        if old & (old - 1) != 0 {
            let roots = (try log.checkpoint(at: old).root, try fork.checkpoint(at: old).root)
            #expect(decision == .rewritten(.notAPrefix(size: old, remembered: roots.0, offered: roots.1)))
        }
    }

    @Test("A fork is invisible before its first changed leaf")
    func commonPast() throws {
        let memory = CheckpointMemory(remembered: try log.checkpoint(at: 200))
        let tiles = try fork.tiles(old: 200, new: 600)
        #expect(memory.judge(try fork.verified(at: 600), tiles: tiles) == .grown(from: 200, to: 600))
    }

    @Test("Tiles of another head prove nothing")
    func foreignTiles() throws {
        let memory = CheckpointMemory(remembered: try log.checkpoint(at: 200))
        let tiles = try log.tiles(old: 200, new: 599)
        #expect(memory.judge(try log.verified(at: 600), tiles: tiles) == .unproven(nil))
    }

    @Test("The checkpoint of another log is not compared")
    func otherLog() throws {
        let origin = try #require(LogOrigin("log.example/other"))
        let other = Checkpoint(origin: origin, head: try log.checkpoint(at: 600).head)
        let memory = CheckpointMemory(remembered: try log.checkpoint(at: 10))
        #expect(memory.judge(other, proof: nil) == .otherLog(origin))
    }
}

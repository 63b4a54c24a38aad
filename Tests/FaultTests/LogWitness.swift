import FileTestSupport
import Foundation
import ServerFixture
import Testing

/// A client that remembers the newest checkpoint that it accepted: `securectl log verify` with a state of its own.
struct LogWitness: Sendable {
    private let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory()
    }

    /// Has the client look at the log.
    func verify(_ registry: RunningRegistry, _ arguments: String...) async throws -> FinishedProgram {
        try await FinishedProgram.run(
            BuiltPrograms.securectl,
            ["log", "verify", "--quiet", "--server", "\(registry.address)", "--token-file", registry.home.tokenPath]
                + arguments,
            environment: [
                "XDG_STATE_HOME": scratch.path, "XDG_CONFIG_HOME": scratch.path, "HOME": scratch.path,
                "LC_ALL": "C.UTF-8",
            ],
            in: scratch.path)
    }

    func expectGrowth(
        of registry: RunningRegistry, _ comment: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let program = try await verify(registry)
        #expect(program.status == .exited(0), "\(comment): \(program)", sourceLocation: sourceLocation)
    }
}

extension RegistryHome {
    /// A registry that has the same address whenever it runs, one that no other registry has: clients remember a
    /// registry by its address.
    static func addressed(in path: String? = nil) throws -> RegistryHome {
        let address = "127.\(Int.random(in: 1...254)).\(Int.random(in: 1...254)).\(Int.random(in: 1...254)):8470"
        let settings = ["bind_addr": address, "integrity_interval_seconds": "0"]
        if let path { return try RegistryHome(in: path, settings) }
        return try RegistryHome(settings)
    }
}

import RepositorySimulator
import Synchronization
import TUF
import TUFUpdater

/// A simulated repository as the source of an updater; it can be out of reach from some file on.
final class MemorySource: MetadataSource {
    private struct State {
        var repository: RepositorySimulator
        var requests: [String] = []
        var unreachable: String?
    }

    private let state: Mutex<State>

    init(_ repository: RepositorySimulator) {
        state = Mutex(State(repository: repository))
    }

    var requests: [String] { state.withLock { $0.requests } }

    var files: [String: [UInt8]] { state.withLock { $0.repository.files } }

    /// Changes the repository.
    func change(_ change: (inout RepositorySimulator) throws -> Void) rethrows {
        try state.withLock { try change(&$0.repository) }
    }

    /// Fails from now on when a file of this name is asked for; `nil` for never.
    func fail(at name: String?) {
        state.withLock { $0.unreachable = name }
    }

    func metadata(_ request: MetadataRequest) async throws(UpdateFault) -> [UInt8]? {
        try answer(request.fileName) { $0.files[request.fileName] }
    }

    func target(_ address: String, bytesMax: Int, by role: RoleName) async throws(UpdateFault) -> [UInt8] {
        guard let bytes = try answer(address, { $0.targetFiles[address] }) else {
            throw .unavailable(file: address, reason: "there is none")
        }
        return bytes
    }

    private func answer(
        _ name: String, _ find: (RepositorySimulator) -> [UInt8]?
    ) throws(UpdateFault) -> [UInt8]? {
        let (bytes, isUnreachable) = state.withLock { state in
            state.requests.append(name)
            return (find(state.repository), state.unreachable == name)
        }
        guard !isUnreachable else { throw .unavailable(file: name, reason: "out of reach") }
        return bytes
    }
}

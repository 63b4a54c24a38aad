internal import RegistryClient
internal import RegistryCore
internal import TransparencyLog

/// Where a log is read from: a registry, or a directory in which it was saved. Nothing that comes out is believed.
protocol LogSource: Sendable {
    /// The newest signed checkpoint; `nil` if nothing was ever signed.
    func checkpoint() async throws(CommandFailure) -> [UInt8]?

    /// The verifier key as the source states it; `nil` if it states none.
    func key() async throws(CommandFailure) -> String?

    /// A tile or an entry bundle, or more of it than was asked for.
    func resource(_ path: TilePath) async throws(CommandFailure) -> [UInt8]
}

/// The log of a registry.
struct RegistryLogSource: LogSource {
    let client: RegistryClient

    func checkpoint() async throws(CommandFailure) -> [UInt8]? {
        do throws(ClientFault) {
            return try await client.logCheckpoint()
        } catch {
            if error.code == .evidenceNotFound { return nil }
            throw CommandFailure(error)
        }
    }

    func key() async throws(CommandFailure) -> String? {
        do {
            return try await client.logKey()
        } catch {
            throw CommandFailure(error)
        }
    }

    func resource(_ path: TilePath) async throws(CommandFailure) -> [UInt8] {
        do throws(ClientFault) {
            return try await client.logResource(path)
        } catch {
            var failure = CommandFailure(error)
            // A log that withholds a part of what it signed cannot be checked.
            if error.status == 404 { failure.status = .unchecked }
            failure.details.append("while fetching \(path)")
            throw failure
        }
    }
}

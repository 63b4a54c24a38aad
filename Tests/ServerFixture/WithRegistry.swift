import Foundation

/// Runs a test against a registry of its own, and looks at what the server leaves behind.
///
/// However the test goes, the server is stopped afterwards; after a test that went well, it has to stop in good order
/// and `pratique fsck` has to find nothing.
///
/// - Parameter leavesDamage: the test damages what is stored, so that only the stop is looked at.
@discardableResult
public func withRegistry<T: Sendable>(
    _ home: RegistryHome, leavesDamage: Bool = false,
    _ body: (RunningRegistry) async throws -> T
) async throws -> T {
    try await serverPermits.with {
        let registry = try await RunningRegistry(home)
        let value = try await body(registry)
        let status = try await registry.stop()
        guard status == .exited(0) else { throw FixtureFault("the server stopped with \(status): \(home.log)") }
        if !leavesDamage { try await home.requireClean() }
        return value
    }
}

@discardableResult
public func withRegistry<T: Sendable>(
    _ settings: [String: String] = [:], token: String? = RegistryHome.token, leavesDamage: Bool = false,
    _ body: (RunningRegistry) async throws -> T
) async throws -> T {
    try await withRegistry(RegistryHome(settings, token: token), leavesDamage: leavesDamage, body)
}

/// Servers that run at a time, so that tests do not wait for one another's processors.
public let serverPermits = ServerPermits(max(2, ProcessInfo.processInfo.activeProcessorCount))

public struct ServerPermits: Sendable {
    private let permits: Permits

    init(_ count: Int) {
        permits = Permits(count)
    }

    /// Waits for a place; for tests that start servers by themselves.
    public func with<T: Sendable>(_ body: () async throws -> T) async throws -> T {
        await permits.take()
        do {
            let value = try await body()
            await permits.give()
            return value
        } catch {
            await permits.give()
            throw error
        }
    }
}

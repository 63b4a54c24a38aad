public import OCI
public import RegistryPorts
import Synchronization

/// One document that is in memory.
public final class MemoryDocumentFile: DocumentFile, Sendable {
    private struct State {
        var bytes: [UInt8]?
        var fault: StorageFault?
        var replacements = 0
    }

    private let state: Mutex<State>
    private let visitor = Mutex<(@Sendable () async -> Void)?>(nil)

    public init(_ bytes: [UInt8]? = nil) {
        state = Mutex(State(bytes: bytes))
    }

    /// What stands there now. Setting it is what somebody else does to the file.
    public var bytes: [UInt8]? {
        get { state.withLock { $0.bytes } }
        set { state.withLock { $0.bytes = newValue } }
    }

    /// How often it was replaced.
    public var replacements: Int { state.withLock { $0.replacements } }

    /// Makes everything fail until it is told otherwise with `nil`.
    public func fail(_ fault: StorageFault?) {
        state.withLock { $0.fault = fault }
    }

    /// Runs something of the test's own while the document is being replaced.
    public func onReplace(_ visit: (@Sendable () async -> Void)?) {
        visitor.withLock { $0 = visit }
    }

    public func read(bytesMax: Int) async throws(StorageFault) -> [UInt8]? {
        try check()
        return state.withLock { state in state.bytes.map { Array($0.prefix(bytesMax)) } }
    }

    public func digest() async throws(StorageFault) -> Digest? {
        try check()
        return bytes.flatMap { try? Digest(hashing: $0) }
    }

    public func replace(with next: @Sendable () async throws -> [UInt8]?) async throws -> Digest {
        var bytes: [UInt8] = []
        while let piece = try await next() { bytes += piece }
        let visit = visitor.withLock { $0 }
        await visit?()
        try check()
        let digest = try Digest(hashing: bytes)
        let whole = bytes
        state.withLock { state in
            state.bytes = whole
            state.replacements += 1
        }
        return digest
    }

    private func check() throws(StorageFault) {
        if let fault = state.withLock({ $0.fault }) { throw fault }
    }
}

public import Inspection
public import LinuxFiles
import Synchronization

/// Has files looked at by processes that have nothing to lose.
///
/// A fork server without rights starts one child for each file. The child gets the file, open for reading, and a pipe
/// for its answer; it has no credential, network, path, or second chance. Whatever it does, the worst that reaches us
/// is a wrong answer about the one file that it was given.
public final class InspectorPool: Sendable {
    public struct Configuration: Sendable {
        /// The program that becomes the fork server: this one.
        public var executable = "/proc/self/exe"
        /// Its arguments, the program's name first.
        public var arguments = ["inspector", InspectorProcess.role]
        /// Children at a time.
        public var concurrentMax = 2
        /// Inspections that wait for a child; one more is undecided at once.
        public var waitingMax = 4_096
        /// What each child may use up.
        public var child = ChildLimits(memoryBytesMax: 512 << 20, cpuSecondsMax: 60, wallMillisecondsMax: 120_000)
        /// The same for what a person looks at, who may read slowly.
        public var view = ChildLimits(memoryBytesMax: 512 << 20, cpuSecondsMax: 600, wallMillisecondsMax: 3_600_000)
        /// Bytes of an answer.
        public var answerBytesMax = 32 << 20

        public init() {}
    }

    private let configuration: Configuration
    private let pool: BlockingPool
    private let server = Mutex<ForkServerProcess?>(nil)

    public init(_ configuration: Configuration = Configuration()) {
        self.configuration = configuration
        pool = BlockingPool(threadsMax: configuration.concurrentMax, waitingMax: configuration.waitingMax)
    }

    /// Starts the fork server if none runs. The first inspection, and the next after one died, does so, too.
    ///
    /// - Throws: what keeps it from starting.
    public func start() async throws(FileFault) {
        try await pool.run { () throws(FileFault) in
            if let current = self.server.withLock({ $0 }), current.hasEnded { self.forget(current) }
            _ = try self.currentServer()
        }
    }

    /// Ends the fork server. A later inspection starts another.
    public func stop() async {
        // The last reference collects the process, which may take a moment.
        _ = try? await pool.run { () throws(FileFault) in
            let stopped = self.server.withLock { server in
                defer { server = nil }
                return server
            }
            withExtendedLifetime(stopped) {}
        }
    }

    /// Lets a child try what it must not be able to do.
    ///
    /// - Throws: what keeps the fork server from starting, or `.other` when a child could not be made to answer.
    public func selfTest() async throws(FileFault) -> SandboxReport {
        try await pool.run { () throws(FileFault) in
            let layers = try self.currentServer().layers
            let limits = self.configuration.child
            var possible: Set<SandboxProbe> = []
            switch self.exchange(.selfTest(limits, .refused), file: nil, limits: limits) {
            case .answered(let bytes): possible.formUnion(SelfTestAnswer.possible(of: .refused, in: bytes))
            case .failed, .serverGone: throw FileFault(.run, .other)
            }
            switch self.exchange(.selfTest(limits, .killed), file: nil, limits: limits) {
            case .answered(let bytes): possible.formUnion(SelfTestAnswer.possible(of: .killed, in: bytes))
            case .failed(.crashed): break
            case .failed, .serverGone: throw FileFault(.run, .other)
            }
            return SandboxReport(
                landlockVersion: layers.landlockVersion, hasSystemCallFilter: layers.hasSystemCallFilter,
                possible: possible)
        }
    }

    /// The bytes that a child leaves about `file`, which must be a regular file open for reading alone. They are
    /// outside data, written by a process that hostile bytes may have taken over.
    public func answer(
        about file: FileDescriptor, name: String, as claim: FileClaim = .none
    ) async throws(InspectionFailure) -> [UInt8] {
        let outcome: ChildOutcome
        do throws(FileFault) {
            outcome = try await pool.run { () throws(FileFault) in
                let limits = self.configuration.child
                return self.exchange(.inspect(limits, name: name, claim: claim), file: file, limits: limits)
            }
        } catch {
            throw error.kind == .overloaded ? .overloaded : .unavailable
        }
        switch outcome {
        case .answered(let bytes): return bytes
        case .failed(let failure): throw failure
        case .serverGone: throw .unavailable
        }
    }

    /// Shows `file`, or a member of an archive in it, piece by piece, in memory that does not grow. The pieces are
    /// outside data.
    ///
    /// - Parameter sink: runs on a thread of its own; returns false when it has heard enough, which is `.tooLarge`.
    public func view(
        _ view: FileView, of file: FileDescriptor, member: String, sink: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws(InspectionFailure) {
        let outcome: ChildOutcome
        do throws(FileFault) {
            outcome = try await pool.run { () throws(FileFault) in
                let limits = self.configuration.view
                let current = try self.currentServer()
                let exchange = ChildExchange(server: current, limits: limits, answerBytesMax: 0)
                let outcome = exchange.run(.view(limits, view, member: member), file: file, sink: sink)
                if case .serverGone = outcome { self.forget(current) }
                return outcome
            }
        } catch {
            throw error.kind == .overloaded ? .overloaded : .unavailable
        }
        switch outcome {
        case .answered: return
        case .failed(let failure): throw failure
        case .serverGone: throw .unavailable
        }
    }

    /// The running fork server's process, for tests and diagnostics.
    package func serverProcess() async -> Int32? {
        server.withLock { $0?.process }
    }

    /// Makes a request, and once more when the server died under it.
    private func exchange(_ request: InspectorRequest, file: FileDescriptor?, limits: ChildLimits) -> ChildOutcome {
        for _ in 0..<2 {
            guard let current = try? currentServer() else { return .failed(.unavailable) }
            let exchange = ChildExchange(
                server: current, limits: limits, answerBytesMax: configuration.answerBytesMax)
            let outcome = exchange.run(request, file: file)
            guard case .serverGone = outcome else { return outcome }
            forget(current)
        }
        return .serverGone
    }

    /// The running fork server, or a new one. One thread starts it while the others wait.
    private func currentServer() throws(FileFault) -> ForkServerProcess {
        try server.withLock { server throws(FileFault) in
            if let server { return server }
            let started = try ForkServerProcess(
                executable: configuration.executable, arguments: configuration.arguments)
            server = started
            return started
        }
    }

    /// Lets go of a server that died, unless another thread has replaced it already.
    private func forget(_ dead: ForkServerProcess) {
        server.withLock { server in
            if server === dead { server = nil }
        }
    }
}

public import Inspection
public import LinuxFiles
public import Logging
public import RegistryPorts

/// Looks into hostile bytes with children that have nothing to lose: `ArtifactInspector` by an `InspectorPool`.
///
/// Crash, time-out, overload and garbage are *undecided*: they say nothing about the bytes, so they can neither admit
/// nor condemn them.
public final class InspectionWorker: ArtifactInspector {
    private let pool: InspectorPool
    private let logger: Logger

    public init(_ configuration: InspectorPool.Configuration = InspectorPool.Configuration(), logger: Logger) {
        pool = InspectorPool(configuration)
        self.logger = logger
    }

    /// Starts the fork server if none runs: at first, and after one died.
    public func start() async throws(FileFault) {
        try await pool.start()
    }

    /// Ends the fork server. A later inspection starts another.
    public func stop() async {
        await pool.stop()
    }

    /// Lets a child try what it must not be able to do; a server refuses to run where that is possible.
    public func selfTest() async throws(FileFault) -> SandboxReport {
        try await pool.selfTest()
    }

    public func inspect(_ file: any LocalFile, name: String, as claim: FileClaim) async -> InspectionReport {
        do throws(InspectionFailure) {
            let descriptor = try Self.descriptor(of: file)
            let answer = try await pool.answer(about: descriptor, name: name, as: claim)
            return try Self.report(answer, sizeBytes: file.sizeBytes)
        } catch {
            logger.warning("inspection without a result", metadata: ["name": "\(name)", "failure": "\(error)"])
            return InspectionReport(error.attempt, sizeBytes: file.sizeBytes)
        }
    }

    /// The file stays open for as long as the inspection takes, whatever its owner does.
    private static func descriptor(of file: any LocalFile) throws(InspectionFailure) -> FileDescriptor {
        do {
            return try file.withDescriptor { try FileDescriptor(duplicating: $0) }
        } catch {
            throw .unavailable
        }
    }

    private static func report(_ answer: [UInt8], sizeBytes: UInt64) throws(InspectionFailure) -> InspectionReport {
        do throws(ReportFault) {
            return try InspectionReport(decoding: answer, fileSizeBytes: sizeBytes)
        } catch {
            throw .garbage
        }
    }
}

extension InspectionFailure {
    /// What the report says instead of a result.
    fileprivate var attempt: FailedAttempt {
        switch self {
        case .crashed(let signal): .crashed(signal: signal)
        case .timedOut: .timedOut
        case .tooLarge, .garbage, .ended: .unintelligible
        case .overloaded: .overloaded
        case .unavailable: .unavailable
        }
    }
}

public import Inspection
internal import InspectionWorker
public import LinuxFiles

/// Inspects in a child process without rights: no credentials, no network, no files.
public struct SandboxedInspector: FileInspector {
    private let pool: InspectorPool

    public init() {
        var configuration = InspectorPool.Configuration()
        configuration.concurrentMax = Processors.count
        pool = InspectorPool(configuration)
    }

    public func inspect(
        _ file: FileDescriptor, sizeBytes: UInt64, name: String, as claim: FileClaim
    ) async throws(InspectionRefusal) -> InspectionReport {
        let answer: [UInt8]
        do throws(InspectionFailure) {
            answer = try await pool.answer(about: file, name: name, as: claim)
        } catch {
            throw InspectionRefusal(Self.reason(error))
        }
        do {
            return try InspectionReport(decoding: answer, fileSizeBytes: sizeBytes)
        } catch {
            throw InspectionRefusal("the inspection left no report")
        }
    }

    public func view(
        _ view: FileView, of file: FileDescriptor, sizeBytes: UInt64, member: String,
        line: @escaping @Sendable (ViewLine) -> Bool
    ) async throws(InspectionRefusal) {
        let lines = ViewLines(line)
        do throws(InspectionFailure) {
            try await pool.view(view, of: file, member: member) { lines.add($0) }
        } catch {
            throw InspectionRefusal(Self.reason(error))
        }
    }

    private static func reason(_ failure: InspectionFailure) -> String {
        switch failure {
        case .crashed(let signal): "the inspection was ended by signal \(signal)"
        case .timedOut: "the inspection took too long"
        case .ended(let status): "the inspection gave up with status \(status)"
        case .tooLarge, .garbage: "the inspection left no report"
        case .overloaded: "there is no room for another process"
        case .unavailable: "the inspection cannot be started here"
        }
    }
}

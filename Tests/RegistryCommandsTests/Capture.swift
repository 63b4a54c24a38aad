import Inspection
import LinuxFiles
import ModelFormats
import RegistryCommands
import StrictJSON
import StubRegistry
import Synchronization
import Testing

/// Keeps what a command writes, and stands still in time.
final class Capture: Sendable {
    private let written = Mutex<(out: [UInt8], err: [UInt8])>(([], []))
    let time = Mutex(Duration.zero)

    var out: String { written.withLock { String(decoding: $0.out, as: UTF8.self) } }
    var err: String { written.withLock { String(decoding: $0.err, as: UTF8.self) } }

    func console(tableWidth: Int? = nil, progressWidth: Int? = nil) -> Console {
        Console(
            output: { bytes in self.written.withLock { $0.out += bytes } },
            diagnostics: { bytes in self.written.withLock { $0.err += bytes } },
            tableWidth: tableWidth, progressWidth: progressWidth)
    }
}

/// What a run of `securectl` left.
struct Outcome {
    var status: Int32
    var out: String
    var err: String

    var json: JSONValue? {
        try? StrictJSON.parse(
            Array(out.utf8), limits: JSONLimits(bytesMax: 1 << 24, nodesMax: 1 << 20, stringBytesMax: 1 << 20))
    }
}

/// Runs `securectl` in surroundings of its own.
func securectl(
    _ arguments: [String], environment: [String: String] = [:], progressWidth: Int? = nil,
    inspector: any FileInspector = DirectInspector()
) async -> Outcome {
    let capture = Capture()
    let context = CommandContext(
        environment: environment, console: capture.console(progressWidth: progressWidth), inspector: inspector,
        now: { .zero })
    let status = await SecureCtlProgram.run(arguments, in: context)
    return Outcome(status: status, out: capture.out, err: capture.err)
}

/// Inspects in this process: these tests are not about the sandbox.
struct DirectInspector: FileInspector {
    func inspect(
        _ file: FileDescriptor, sizeBytes: UInt64, name: String, as claim: FileClaim
    ) async throws(InspectionRefusal) -> InspectionReport {
        Inspector.inspect(source: DescriptorBytes(file: file, sizeBytes: sizeBytes), name: name, as: claim)
    }

    func view(
        _ view: FileView, of file: FileDescriptor, sizeBytes: UInt64, member: String,
        line: @escaping @Sendable (ViewLine) -> Bool
    ) async throws(InspectionRefusal) {
        let wanted = Mutex(true)
        Inspector.view(view, of: DescriptorBytes(file: file, sizeBytes: sizeBytes), member: member) { piece in
            for text in piece.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
                wanted.withLock { wanted in wanted = wanted && ViewLine(parsing: text).map(line) ?? false }
            }
        }
        guard wanted.withLock({ $0 }) else { throw InspectionRefusal("nothing more was wanted") }
    }
}

/// An inspector that cannot be started.
struct AbsentInspector: FileInspector {
    func inspect(
        _ file: FileDescriptor, sizeBytes: UInt64, name: String, as claim: FileClaim
    ) async throws(InspectionRefusal) -> InspectionReport {
        throw InspectionRefusal("the inspection cannot be started here")
    }

    func view(
        _ view: FileView, of file: FileDescriptor, sizeBytes: UInt64, member: String,
        line: @escaping @Sendable (ViewLine) -> Bool
    ) async throws(InspectionRefusal) {
        throw InspectionRefusal("the inspection cannot be started here")
    }
}

private struct DescriptorBytes: ByteSource {
    let file: FileDescriptor
    let sizeBytes: UInt64

    func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(ByteSourceFault) -> Int {
        guard let start = Int64(exactly: offset), let read = try? file.read(into: buffer, at: start) else {
            throw ByteSourceFault(offset: offset, code: 5)
        }
        return read
    }
}

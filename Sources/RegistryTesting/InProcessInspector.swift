public import Inspection
import ModelFormats
public import RegistryPorts
import Synchronization

/// Inspects in this process, without a sandbox. For tests: the bytes are our own.
public final class InProcessInspector: ArtifactInspector, Sendable {
    private struct State {
        var names: [String] = []
        var isBroken = false
    }

    private let state = Mutex(State())

    public init() {}

    /// The names of the files that were inspected, in order.
    public var inspected: [String] { state.withLock { $0.names } }

    /// From now on no inspection comes to a result, as if the child process died each time.
    public func breakDown(_ isBroken: Bool = true) {
        state.withLock { $0.isBroken = isBroken }
    }

    public func inspect(_ file: any LocalFile, name: String, as claim: FileClaim) async -> InspectionReport {
        let isBroken = state.withLock { state in
            state.names.append(name)
            return state.isBroken
        }
        guard !isBroken, let bytes = try? file.readAll() else {
            return Inspector.inspect(source: BrokenSource(sizeBytes: file.sizeBytes), name: name)
        }
        return Inspector.inspect(source: MemoryByteSource(bytes), name: name, as: claim)
    }
}

/// A disk that gives nothing back.
private struct BrokenSource: ByteSource {
    let sizeBytes: UInt64

    func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(ByteSourceFault) -> Int {
        throw ByteSourceFault(offset: offset, code: 5)
    }
}

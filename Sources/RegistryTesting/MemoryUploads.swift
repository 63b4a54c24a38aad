public import OCI
public import RegistryCore
public import RegistryPorts
import Synchronization

/// Uploads in memory. One writer at a time has each, and what it appends is there at once.
public final class MemoryUploads: UploadStore, Sendable {
    private struct Upload {
        var bytes: [UInt8] = []
        var isOpen = false
        var written: Timestamp
    }

    private struct State {
        var uploads: [UploadID: Upload] = [:]
        var fault: StorageFault?
    }

    private let clock: TestClock
    private let state = Mutex(State())

    public init(clock: TestClock) {
        self.clock = clock
    }

    public var count: Int { state.withLock { $0.uploads.count } }

    /// From now on nothing can be begun, resumed or appended.
    public func fail(_ fault: StorageFault?) {
        state.withLock { $0.fault = fault }
    }

    public func create(_ id: UploadID) async throws(StorageFault) {
        let now = clock.now()
        try change { state throws(StorageFault) in
            guard state.uploads[id] == nil else { throw .changed }
            state.uploads[id] = Upload(written: now)
        }
    }

    public func offset(of id: UploadID) async throws(StorageFault) -> UInt64? {
        state.withLock { state in state.uploads[id].map { UInt64($0.bytes.count) } }
    }

    public func resume(
        _ id: UploadID, at offset: UInt64, expecting total: UInt64?, hashing algorithm: Digest.Algorithm
    ) async throws(StorageFault) -> any UploadWriter {
        let now = clock.now()
        try change { state throws(StorageFault) in
            var upload = state.uploads[id] ?? Upload(written: now)
            guard !upload.isOpen else { throw .changed }
            guard upload.bytes.count >= offset else { throw .notFound }
            upload.bytes.removeLast(upload.bytes.count - Int(clamping: offset))
            upload.isOpen = true
            state.uploads[id] = upload
        }
        return Writer(self, id, algorithm)
    }

    public func discard(_ id: UploadID) async throws(StorageFault) {
        try state.withLock { state throws(StorageFault) in
            guard state.uploads[id]?.isOpen != true else { throw .changed }
            state.uploads[id] = nil
        }
    }

    public func discard(idleSince time: Timestamp) async throws(StorageFault) -> Int {
        state.withLock { state in
            let idle = state.uploads.filter { !$0.value.isOpen && $0.value.written < time }.keys
            for id in idle { state.uploads[id] = nil }
            return idle.count
        }
    }

    private func change<T>(
        _ body: (inout sending State) throws(StorageFault) -> sending T
    ) throws(StorageFault) -> sending T {
        try state.withLock { state throws(StorageFault) in
            if let fault = state.fault { throw fault }
            return try body(&state)
        }
    }

    fileprivate func append(_ bytes: [UInt8], to id: UploadID) throws(StorageFault) {
        let now = clock.now()
        try change { state throws(StorageFault) in
            state.uploads[id]?.bytes += bytes
            state.uploads[id]?.written = now
        }
    }

    /// - Returns: the bytes, when the upload is taken away.
    fileprivate func close(_ id: UploadID, takingAway: Bool) -> [UInt8] {
        state.withLock { state in
            state.uploads[id]?.isOpen = false
            return takingAway ? state.uploads.removeValue(forKey: id)?.bytes ?? [] : []
        }
    }

    private actor Writer: UploadWriter {
        private let uploads: MemoryUploads
        private let id: UploadID
        private let algorithm: Digest.Algorithm
        private var isClosed = false

        init(_ uploads: MemoryUploads, _ id: UploadID, _ algorithm: Digest.Algorithm) {
            self.uploads = uploads
            self.id = id
            self.algorithm = algorithm
        }

        var offset: UInt64 {
            get async { ((try? await uploads.offset(of: id)) ?? nil) ?? 0 }
        }

        func append(_ bytes: some Collection<UInt8> & Sendable) async throws(StorageFault) {
            guard !isClosed else { throw .unavailable(reason: "the upload is closed") }
            try uploads.append(Array(bytes), to: id)
        }

        func suspend() async throws(StorageFault) {
            guard !isClosed else { return }
            isClosed = true
            _ = uploads.close(id, takingAway: false)
        }

        func finish() async throws(StorageFault) -> any StagedBlob {
            guard !isClosed else { throw .unavailable(reason: "the upload is closed") }
            isClosed = true
            let bytes = uploads.close(id, takingAway: true)
            do {
                return MemoryFile(bytes, digestWhileReceiving: try Digest(algorithm, hashing: bytes))
            } catch {
                throw .corrupted(reason: "\(error)")
            }
        }
    }
}

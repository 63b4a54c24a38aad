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

    fileprivate struct Parted {
        var bytes: [UInt8]
        var parts: UploadParts
        var open: [Range<UInt64>] = []
        var isEnding = false
        var written: Timestamp
    }

    private struct State {
        var uploads: [UploadID: Upload] = [:]
        var parted: [UploadID: Parted] = [:]
        var fault: StorageFault?
    }

    private let clock: TestClock
    private let state = Mutex(State())

    public init(clock: TestClock) {
        self.clock = clock
    }

    public var count: Int { state.withLock { $0.uploads.count + $0.parted.count } }

    /// From now on nothing can be begun, resumed or appended.
    public func fail(_ fault: StorageFault?) {
        state.withLock { $0.fault = fault }
    }

    public func create(_ id: UploadID) async throws(StorageFault) {
        let now = clock.now()
        try change { state throws(StorageFault) in
            guard state.uploads[id] == nil, state.parted[id] == nil else { throw .changed }
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
            guard !upload.isOpen, state.parted[id] == nil else { throw .changed }
            guard upload.bytes.count >= offset else { throw .notFound }
            upload.bytes.removeLast(upload.bytes.count - Int(clamping: offset))
            upload.isOpen = true
            state.uploads[id] = upload
        }
        return Writer(self, id, algorithm)
    }

    public func discard(_ id: UploadID) async throws(StorageFault) {
        try state.withLock { state throws(StorageFault) in
            let parted = state.parted[id]
            guard state.uploads[id]?.isOpen != true, parted?.open.isEmpty ?? true, parted?.isEnding != true else {
                throw .changed
            }
            state.uploads[id] = nil
            state.parted[id] = nil
        }
    }

    public func discard(idleSince time: Timestamp) async throws(StorageFault) -> Int {
        state.withLock { state in
            let idle = state.uploads.filter { !$0.value.isOpen && $0.value.written < time }.keys
            for id in idle { state.uploads[id] = nil }
            let parted = state.parted.filter { $0.value.open.isEmpty && $0.value.written < time }.keys
            for id in parted { state.parted[id] = nil }
            return idle.count + parted.count
        }
    }

    // Parts.

    public func parts(of id: UploadID) async throws(StorageFault) -> UploadParts? {
        state.withLock { $0.parted[id]?.parts }
    }

    public func openPart(
        _ range: Range<UInt64>, of id: UploadID, total: UInt64, hashing algorithm: Digest.Algorithm
    ) async throws(StorageFault) -> any UploadPartWriter {
        let now = clock.now()
        try change { state throws(StorageFault) in
            guard state.uploads[id] != nil || state.parted[id] != nil else { throw .notFound }
            guard !range.isEmpty, range.upperBound <= total, state.uploads[id]?.isOpen != true,
                state.uploads[id]?.bytes.isEmpty ?? true
            else { throw .changed }
            var parted =
                state.parted[id]
                ?? Parted(
                    bytes: Array(repeating: 0, count: Int(clamping: total)), parts: UploadParts(total: total),
                    written: now)
            guard parted.parts.total == total, !parted.isEnding, !parted.open.contains(where: { $0.overlaps(range) })
            else { throw .changed }
            guard parted.open.count < UploadParts.openMax else { throw .overloaded }
            parted.open.append(range)
            state.uploads[id] = nil
            state.parted[id] = parted
        }
        return PartWriter(self, id, range)
    }

    public func join(_ id: UploadID, hashing algorithm: Digest.Algorithm) async throws(StorageFault) -> any UploadWriter
    {
        let total = try change { state throws(StorageFault) in
            guard let parted = state.parted[id] else { throw .notFound }
            guard parted.open.isEmpty, !parted.isEnding else { throw .changed }
            guard parted.parts.isComplete else { throw .notFound }
            state.parted[id]?.isEnding = true
            return parted.parts.total
        }
        return JoinedWriter(self, id, algorithm, total)
    }

    fileprivate func write(_ bytes: [UInt8], at offset: UInt64, to id: UploadID) throws(StorageFault) {
        let now = clock.now()
        try change { state throws(StorageFault) in
            guard var parted = state.parted.removeValue(forKey: id) else { throw .notFound }
            let range = offset..<offset + UInt64(bytes.count)
            for gap in parted.parts.present.missing(in: range) {
                let source = Int(gap.lowerBound - offset)..<Int(gap.upperBound - offset)
                parted.bytes.replaceSubrange(Int(gap.lowerBound)..<Int(gap.upperBound), with: bytes[source])
            }
            parted.written = now
            state.parted[id] = parted
        }
    }

    fileprivate func close(_ range: Range<UInt64>, keepingUpTo end: UInt64, of id: UploadID) {
        state.withLock { state in
            state.parted[id]?.open.removeAll { $0 == range }
            if end > range.lowerBound { state.parted[id]?.parts.present.insert(range.lowerBound..<end) }
        }
    }

    fileprivate func endJoined(_ id: UploadID, takingAway: Bool) -> [UInt8] {
        state.withLock { state in
            guard takingAway else {
                state.parted[id]?.isEnding = false
                return []
            }
            return state.parted.removeValue(forKey: id)?.bytes ?? []
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

    private actor PartWriter: UploadPartWriter {
        private let uploads: MemoryUploads
        private let id: UploadID
        private let range: Range<UInt64>
        private(set) var offset: UInt64
        private var isClosed = false

        init(_ uploads: MemoryUploads, _ id: UploadID, _ range: Range<UInt64>) {
            self.uploads = uploads
            self.id = id
            self.range = range
            offset = range.lowerBound
        }

        func append(_ bytes: some Collection<UInt8> & Sendable) async throws(StorageFault) {
            guard !isClosed, UInt64(bytes.count) <= range.upperBound - offset else {
                throw .unavailable(reason: "the part is closed, or ends before")
            }
            try uploads.write(Array(bytes), at: offset, to: id)
            offset += UInt64(bytes.count)
        }

        func suspend() async throws(StorageFault) {
            guard !isClosed else { return }
            isClosed = true
            uploads.close(range, keepingUpTo: offset, of: id)
        }
    }

    private actor JoinedWriter: UploadWriter {
        private let uploads: MemoryUploads
        private let id: UploadID
        private let algorithm: Digest.Algorithm
        let offset: UInt64
        private var isClosed = false

        init(_ uploads: MemoryUploads, _ id: UploadID, _ algorithm: Digest.Algorithm, _ total: UInt64) {
            self.uploads = uploads
            self.id = id
            self.algorithm = algorithm
            offset = total
        }

        func append(_ bytes: some Collection<UInt8> & Sendable) async throws(StorageFault) {
            guard bytes.isEmpty else { throw .unavailable(reason: "all parts are there") }
        }

        func suspend() async throws(StorageFault) {
            guard !isClosed else { return }
            isClosed = true
            _ = uploads.endJoined(id, takingAway: false)
        }

        func finish() async throws(StorageFault) -> any StagedBlob {
            guard !isClosed else { throw .unavailable(reason: "the upload is closed") }
            isClosed = true
            let bytes = uploads.endJoined(id, takingAway: true)
            do {
                return MemoryFile(bytes, digestWhileReceiving: try Digest(algorithm, hashing: bytes))
            } catch {
                throw .corrupted(reason: "\(error)")
            }
        }
    }
}

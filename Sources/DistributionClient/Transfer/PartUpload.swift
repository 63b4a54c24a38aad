internal import NIOHTTP1
internal import OCI
internal import RegistryClient
internal import Synchronization

extension RemoteRepository {
    /// Parts that are sent at a time.
    private static let partsAtOnce = 4

    /// Sends what is missing of an upload, several parts at a time.
    ///
    /// When one fails, those that are under way are sent to their end and no other is begun: what is there then is not
    /// sent again.
    func sendParts(
        of blob: Descriptor, _ content: any UploadContent, to address: WebAddress, _ parts: UploadSession.Parts,
        _ progress: @escaping @Sendable (UInt64) -> Void
    ) async throws(DistributionFault) {
        let queue = PartQueue(parts, total: blob.size, progress)
        let fault = await withTaskGroup(of: Void.self, returning: DistributionFault?.self) { group in
            for _ in 0..<Self.partsAtOnce {
                group.addTask {
                    while let part = queue.take() {
                        do throws(DistributionFault) {
                            try await send(part, of: blob, content, to: address, queue)
                        } catch {
                            queue.fail(error.afterContact)
                        }
                    }
                }
            }
            await group.waitForAll()
            return queue.failure
        }
        if let fault { throw fault }
    }

    private func send(
        _ part: Range<UInt64>, of blob: Descriptor, _ content: any UploadContent, to address: WebAddress,
        _ queue: PartQueue
    ) async throws(DistributionFault) {
        var request = DistributionRequest(.PATCH, address, scope([.pull, .push]))
        request.fields = [("content-range", "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(blob.size)")]
        request.body = .content(
            UploadBody(
                content: content.content(of: part), offset: part.lowerBound, end: part.upperBound,
                progress: { offset in queue.sent(upTo: offset, of: part) }))
        _ = try await exchange(request)
    }
}

/// The parts that have to be sent yet, in order.
private final class PartQueue: Sendable {
    private struct State {
        var missing: [Range<UInt64>]
        /// Bytes of each part, by where it begins.
        var sent: [UInt64: UInt64] = [:]
        var done: UInt64
        var failure: DistributionFault?
    }

    private let length: UInt64
    private let state: Mutex<State>
    private let progress: @Sendable (UInt64) -> Void

    init(_ parts: UploadSession.Parts, total: UInt64, _ progress: @escaping @Sendable (UInt64) -> Void) {
        length = parts.length
        self.progress = progress
        state = Mutex(State(missing: parts.present.missing(in: 0..<total), done: parts.present.byteCount))
        progress(parts.present.byteCount)
    }

    /// The next part; nothing more once one failed.
    func take() -> Range<UInt64>? {
        state.withLock { state in
            guard state.failure == nil, let gap = state.missing.first else { return nil }
            // Parts end where they would without gaps, so that the last of a gap is no sliver.
            let end = min(gap.upperBound, (gap.lowerBound / length + 1) * length)
            if end == gap.upperBound { state.missing.removeFirst() } else { state.missing[0] = end..<gap.upperBound }
            return gap.lowerBound..<end
        }
    }

    /// Hears how far a part is. It may begin anew.
    func sent(upTo offset: UInt64, of part: Range<UInt64>) {
        let done = state.withLock { state in
            let count = offset - part.lowerBound
            state.done = state.done - (state.sent[part.lowerBound] ?? 0) + count
            state.sent[part.lowerBound] = count
            return state.done
        }
        progress(done)
    }

    /// What was refused tells more than what broke off because of it.
    func fail(_ fault: DistributionFault) {
        state.withLock { state in
            guard let known = state.failure, known.isBreak == false || fault.isBreak else {
                state.failure = fault
                return
            }
        }
    }

    var failure: DistributionFault? { state.withLock { $0.failure } }
}

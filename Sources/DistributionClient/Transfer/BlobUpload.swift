internal import NIOHTTP1
public import OCI
public import RegistryClient

/// Unfinished uploads that an earlier run left behind, so that this one can go on with them.
public protocol UploadMemory: Sendable {
    /// The address of the upload of `blob` to a repository.
    func address(of blob: Digest, to repository: String) -> String?
    /// Remembers an address, or forgets it.
    func keep(_ address: String?, of blob: Digest, to repository: String)
}

extension RemoteRepository {
    /// Puts a blob there, unless it is there: taken over from another repository of the same registry where that goes,
    /// else uploaded, going on after breaks where the registry still knows how far it got.
    ///
    /// - Parameters:
    ///   - source: a repository of the same registry that has the blob.
    ///   - progress: hears how many bytes were handed to the connection, counted from the start of the blob. May go
    ///     back after a break.
    public func upload(
        _ blob: Descriptor, _ content: any UploadContent, mountingFrom source: RepositoryName? = nil,
        memory: (any UploadMemory)? = nil, progress: @Sendable @escaping (UInt64) -> Void = { _ in }
    ) async throws(DistributionFault) {
        let place = "\(registry)/\(name)"
        var session = try await remembered(memory?.address(of: blob.digest, to: place))
        var mayHaveMoved = session != nil
        var (breaks, furthest): (Int, UInt64) = (0, 0)
        var isMissing = false
        while true {
            do throws(DistributionFault) {
                if !isMissing, try await hasBlob(blob.digest) { return progress(blob.size) }
                isMissing = true
                if mayHaveMoved, let known = session {
                    session = try await standing(known, blob)
                    // It may have ended as it should, and the answer was lost.
                    if session == nil, try await hasBlob(blob.digest) {
                        memory?.keep(nil, of: blob.digest, to: place)
                        return progress(blob.size)
                    }
                }
                if session == nil {
                    guard let begun = try await begin(blob, mountingFrom: source) else { return progress(blob.size) }
                    session = begun
                    memory?.keep(begun.address.description, of: blob.digest, to: place)
                }
                guard var present = session else { return }
                if present.bytesThere > furthest { (furthest, breaks) = (present.bytesThere, 0) }
                mayHaveMoved = true
                try await send(blob, content, &present, progress)
                memory?.keep(nil, of: blob.digest, to: place)
                return
            } catch {
                breaks += 1
                let fault = isMissing ? error.afterContact : error
                guard Self.mayGoOn(after: fault), breaks <= BlobDownload.breaksMax else {
                    // What was refused for what it is would be refused again.
                    if case .refused = fault { memory?.keep(nil, of: blob.digest, to: place) }
                    throw fault
                }
                if breaks > 1 { try await pause(breaks) }
            }
        }
    }

    private func begin(
        _ blob: Descriptor, mountingFrom source: RepositoryName?
    ) async throws(DistributionFault) -> UploadSession? {
        var request = try await request(.POST, "/blobs/uploads/", [.pull, .push])
        if let source {
            request.address = request.address.adding("mount", blob.digest.description)
                .adding("from", source.description)
            request.scope = request.scope.adding(AccessScope(source, [.pull]))
        } else if blob.digest.algorithm != .sha256 {
            request.address = request.address.adding("digest-algorithm", blob.digest.algorithm.rawValue)
        }
        let answer = try await exchange(request)
        if answer.status == 201 { return nil }
        var session = UploadSession(address: try location(of: answer))
        session.takesParts(answer, blob)
        return session
    }

    /// Sends what is missing.
    private func send(
        _ blob: Descriptor, _ content: any UploadContent, _ session: inout UploadSession,
        _ progress: @Sendable @escaping (UInt64) -> Void
    ) async throws(DistributionFault) {
        if let parts = session.parts {
            try await sendParts(of: blob, content, to: session.address, parts, progress)
            session.offset = blob.size
        } else if session.offset > 0, session.offset < blob.size {
            // What a closing request may hold is the whole blob, or nothing: the rest goes before it.
            var rest = DistributionRequest(.PATCH, session.address, scope([.pull, .push]))
            rest.fields = [("content-range", "\(session.offset)-\(blob.size - 1)")]
            rest.body = .content(UploadBody(content: content, offset: session.offset, progress: progress))
            session.address = try location(of: try await exchange(rest))
            session.offset = blob.size
        }
        let address = session.address.adding("digest", blob.digest.description)
        var last = DistributionRequest(.PUT, address, scope([.pull, .push]))
        last.isWork = true
        if session.offset < blob.size {
            last.body = .content(UploadBody(content: content, offset: 0, progress: progress))
        }
        let answer = try await exchange(last)
        guard answer.status == 201 || answer.status == 204 else {
            throw .transport(.malformedAnswer(problem: "an upload ended with status \(answer.status)"))
        }
    }

    /// How far the registry says an upload is; `nil` when it does not know it any more.
    private func standing(
        _ session: UploadSession, _ blob: Descriptor
    ) async throws(DistributionFault) -> UploadSession? {
        let request = DistributionRequest(.GET, session.address, scope([.pull, .push]))
        let answer = try await exchange(request, accepting: [400, 403, 404, 405, 416])
        guard answer.isSuccess else { return nil }
        var known = session
        known.offset = Self.offset(answer.field("range"))
        if let stated = answer.field("location"), let address = WebAddress(stated, relativeTo: answer.address) {
            known.address = address
        }
        known.takesParts(answer, blob)
        return known.offset <= blob.size ? known : nil
    }

    /// An upload that an earlier run began, if its address is one of this registry.
    private func remembered(_ text: String?) async throws(DistributionFault) -> UploadSession? {
        let home = try await client.session(registry).address("/")
        guard let text, let address = WebAddress(text, relativeTo: nil), address.isSameOrigin(as: home) else {
            return nil
        }
        return UploadSession(address: address)
    }

    /// `0-N`, both ends included. Nothing, and `0-0` of an upload that may be empty, is no byte.
    package static func offset(_ range: String?) -> UInt64 {
        guard let range, let dash = range.firstIndex(of: "-"), let last = UInt64(range[range.index(after: dash)...]),
            last > 0, last < Descriptor.sizeMax
        else { return 0 }
        return last + 1
    }

    private func location(of answer: DistributionAnswer) throws(DistributionFault) -> WebAddress {
        guard let text = answer.field("location"), let address = WebAddress(text, relativeTo: answer.address) else {
            throw .transport(.malformedAnswer(problem: "an upload without an address"))
        }
        guard address.scheme == .https || answer.address.scheme == .http else {
            throw .unsafe("\(registry) wants the upload sent to \(address.authority) without TLS.")
        }
        return address
    }

    private static func mayGoOn(after fault: DistributionFault) -> Bool {
        // 416: it stands elsewhere than we think. 409: the connection that broke is not given up yet at the other end.
        if case .refused(let refusal) = fault, [409, 416].contains(refusal.status) { return true }
        return fault.isBreak
    }

    func pause(_ breaks: Int) async throws(DistributionFault) {
        do {
            try await Task.sleep(for: client.patience.retry * (1 << min(breaks, 8)))
        } catch {
            throw .transport(.cancelled)
        }
    }
}

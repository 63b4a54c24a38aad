public import RegistryCore
public import RegistryWire
internal import StrictJSON

/// What is uploaded under which name. Name, file name and digest identify an upload that is to go on.
public struct UploadRequest: Sendable, Hashable {
    public var name: ArtifactName
    /// The file's own name, with its extension.
    public var filename: String
    /// 64 lower-case hexadecimal digits. The registry refuses bytes that hash to anything else.
    public var sha256: String
    public var source: String?
    public var sourceRevision: String?
    /// One of several files of which an acquire makes one artifact later.
    var isOfSet = false

    public init(
        name: ArtifactName, filename: String, sha256: String, source: String? = nil, sourceRevision: String? = nil
    ) {
        self.name = name
        self.filename = filename
        self.sha256 = sha256
        self.source = source
        self.sourceRevision = sourceRevision
    }
}

extension RegistryClient {
    /// Breaks in a row, without a byte of progress between them, after which an upload is given up.
    static let uploadBreaksMax = 5

    /// Uploads a file and goes on where an earlier, broken upload of the same bytes stopped.
    ///
    /// - Parameter progress: called with the bytes that were handed to the connection so far, counted from the file's
    ///   start. May go back after a break.
    public func upload(
        _ request: UploadRequest, _ content: any UploadContent,
        progress: @Sendable @escaping (UInt64) -> Void = { _ in }
    ) async throws(ClientFault) -> ArtifactDocument {
        let answer = try await send(request, content, from: try await standing(of: request), progress)
        guard let answer else { throw .malformedAnswer(problem: "an upload of one file is not one of a set") }
        return try answer.document()
    }

    /// Uploads one file of a set, unless the registry has its bytes. `acquire` makes an artifact of all of them.
    public func upload(
        ofSet request: UploadRequest, _ content: any UploadContent,
        progress: @Sendable @escaping (UInt64) -> Void = { _ in }
    ) async throws(ClientFault) {
        var request = request
        request.isOfSet = true
        let answer = try await send(request, content, from: try await standing(of: request), progress)
        if let answer { _ = try answer.document(SetFileDocument.self) }
        progress(content.sizeBytes)
    }

    /// Sends what is missing, over as many connections as that takes.
    ///
    /// - Returns: `nil` when nothing is.
    private func send(
        _ request: UploadRequest, _ content: any UploadContent, from standing: UploadStanding,
        _ progress: @Sendable @escaping (UInt64) -> Void
    ) async throws(ClientFault) -> APIAnswer? {
        var standing = standing
        var breaks = 0
        while case .unfinished(let offset) = standing {
            do throws(ClientFault) {
                let answer = try await send(request, content, from: min(offset, content.sizeBytes), progress)
                try answer.requireSuccess()
                return answer
            } catch {
                standing = try await continuation(of: request, after: error, &breaks)
                if case .unfinished(let stated) = standing, stated > offset { breaks = 0 }
            }
        }
        return nil
    }

    /// Where to go on after a break. A registry that is not there, as while it is started again, is asked once more.
    ///
    /// - Throws: what broke it, if that is no break or there were too many.
    private func continuation(
        of request: UploadRequest, after fault: ClientFault, _ breaks: inout Int
    ) async throws(ClientFault) -> UploadStanding {
        var fault = fault.afterContact
        while breaks < Self.uploadBreaksMax {
            breaks += 1
            if breaks > 1 { try await pause(breaks) }
            do throws(ClientFault) {
                guard let standing = try await continuation(of: request, after: fault) else { throw fault }
                return standing
            } catch {
                fault = error.afterContact
                switch fault {
                case .lost, .interrupted: break
                default: throw fault
                }
            }
        }
        throw fault
    }

    /// Forgets what the registry keeps of an upload.
    public func discardUpload(_ request: UploadRequest) async throws(ClientFault) {
        try await exchange(APIRequest(.delete, APIPath.content(of: request.name.description), query: request.query))
            .requireSuccess()
    }

    /// What the registry already has; nothing if it knows no such upload.
    private func standing(of request: UploadRequest) async throws(ClientFault) -> UploadStanding {
        let path = APIPath.content(of: request.name.description)
        let answer = try await exchange(APIRequest(.head, path, query: request.query))
        if answer.status == 401 || answer.status == 403 { throw Self.refusal(status: answer.status) }
        // Any other refusal is left to the upload itself: the answer to HEAD has no body to explain it.
        guard answer.isSuccess else { return .unfinished(offset: 0) }
        if request.isOfSet, answer.status == 200 { return .received }
        return .unfinished(offset: answer.field(APIField.uploadOffset).flatMap { UInt64($0) } ?? 0)
    }

    /// Says without a body what would otherwise be learnt after gigabytes were sent.
    private static func refusal(status: Int) -> ClientFault {
        let code: ErrorCode? = status == 401 ? .unauthorized : nil
        let sentence = code?.meaning ?? "The registry does not let this caller change anything."
        let document = ErrorDocument(error: sentence, code: code?.rawValue ?? "forbidden", detail: JSONObject())
        return .refused(ClientFault.Refusal(status: status, code: code, document: document))
    }

    private func send(
        _ request: UploadRequest, _ content: any UploadContent, from offset: UInt64,
        _ progress: @Sendable @escaping (UInt64) -> Void
    ) async throws(ClientFault) -> APIAnswer {
        let path = APIPath.content(of: request.name.description)
        var upload = APIRequest.work(.put, path, query: request.query)
        let size = content.sizeBytes
        // A range cannot be empty (RFC 9110 section 14.4): an upload that is whole ends by its last byte once more.
        let first = size > 0 ? min(offset, size - 1) : 0
        if size > 0 { upload.fields = [("Content-Range", "bytes \(first)-\(size - 1)/\(size)")] }
        upload.body = .content(UploadBody(content: content, offset: first, progress: progress))
        return try await exchange(upload)
    }

    /// Where to go on after a break; `nil` if the fault is no break.
    private func continuation(
        of request: UploadRequest, after fault: ClientFault
    ) async throws(ClientFault) -> UploadStanding? {
        switch fault {
        case .interrupted, .lost: return try await standing(of: request)
        case .refused(let refusal) where refusal.code == .uploadOffsetMismatch:
            return (refusal.document.detail["offset"]?.asNumber?.uint64).map { .unfinished(offset: $0) }
        // The registry has not noticed yet that our own earlier connection is gone.
        case .refused(let refusal) where refusal.code == .concurrentChange:
            return try await standing(of: request)
        case .refused, .foreignAnswer, .malformedAnswer, .answerTooLarge, .unreachable, .untrusted, .timedOut,
            .contentUnreadable, .cancelled:
            return nil
        }
    }

    private func pause(_ breaks: Int) async throws(ClientFault) {
        do {
            try await Task.sleep(for: patience.retry * (1 << breaks))
        } catch {
            throw .cancelled
        }
    }
}

/// How much of an upload the registry has.
private enum UploadStanding {
    case unfinished(offset: UInt64)
    /// Of a set: the whole file, under its digest.
    case received
}

extension UploadRequest {
    fileprivate var query: [(name: String, value: String?)] {
        [
            ("sha256", sha256), ("filename", filename), ("source", source), ("source_revision", sourceRevision),
            ("set", isOfSet ? "true" : nil),
        ]
    }
}

import HTTPTypes
import Hummingbird
import NIOCore
import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryWire
import RouteSupport
import StrictJSON

extension ModelRoutes {
    /// `PUT /v1/model/{name}/content?filename=&sha256=`: the bytes of one file, resumable.
    ///
    /// An upload is named by artifact, file name and digest. Without `Content-Range` the body is the whole file, and
    /// what a broken connection left of it before is dropped. With `Content-Range: bytes a-b/n`
    /// (RFC 9110 §14.4) the body goes to `a`, which has to be where the upload stands. What does not fit on the disk is
    /// refused before it is sent, where its length is announced, and not kept. With `set=true` the file is one
    /// of several: it is kept, and becomes part of an artifact by an acquire that names all of them.
    func receive(
        _ name: ArtifactName, _ request: Request, _ context: RegistryRequestContext
    ) async throws -> Response {
        let target = try UploadTarget(name, request)
        let range = try UploadRange(request.headers[.contentRange])
        let announced = range?.total ?? request.headers[.contentLength].flatMap { UInt64($0) }
        let writer = try await opened(target, at: range?.first ?? 0, expecting: announced)
        let complete: Bool
        do { complete = try await write(request, to: writer, range) } catch let error as RegistryError {
            // A part that does not fit would keep everybody else from what room there is.
            if error.code == .storageFull { try? await services.uploads.discard(target.id) }
            throw error
        }
        guard complete else {
            return Response(status: .accepted, headers: Self.offset(await writer.offset))
        }
        let staged: any StagedBlob
        do { staged = try await writer.finish() } catch { throw RegistryError(error) }
        if target.isOfSet { return try await receive(staged, target) }
        let (record, isNew) = try await services.intake.acquire(
            IntakeOrder(
                name: name, bytes: .received(staged, filename: target.filename), sha256: target.sha256,
                sizeBytes: range?.total, source: target.source, sourceRevision: target.sourceRevision),
            try context.caller)
        return .document(ArtifactDocument(record, services.paths), status: isNew ? .created : .ok)
    }

    /// Keeps one file of a set until an acquire names all of them.
    private func receive(_ staged: any StagedBlob, _ target: UploadTarget) async throws -> Response {
        let received = services.intake.received
        let isNew = try await received.find(target.sha256) == nil
        let file = try await received.receive(staged, at: target.filename, expecting: target.sha256)
        return .document(SetFileDocument(file), status: isNew ? .created : .ok)
    }

    private func opened(
        _ target: UploadTarget, at offset: UInt64, expecting total: UInt64?
    ) async throws -> any UploadWriter {
        do {
            return try await services.uploads.resume(target.id, at: offset, expecting: total)
        } catch StorageFault.notFound {
            let kept = try? await services.uploads.offset(of: target.id)
            throw RegistryError(
                .uploadOffsetMismatch, "The upload stands at \(kept ?? 0), not at \(offset).",
                detail: ["offset": .integer(kept ?? 0)])
        } catch StorageFault.changed {
            throw RegistryError(.concurrentChange, "Another connection is sending this upload.")
        } catch {
            throw RegistryError(error)
        }
    }

    /// - Returns: whether the file is whole.
    private func write(
        _ request: Request, to writer: any UploadWriter, _ range: UploadRange?
    ) async throws -> Bool {
        try await writer.take(request.body)
        guard let range else { return true }
        let offset = await writer.offset
        guard offset == range.last + 1 else {
            try? await writer.suspend()
            throw RegistryError(
                .sizeMismatch, "Content-Range announced other bytes than the body has.",
                detail: ["offset": .integer(offset)])
        }
        if offset == range.total { return true }
        try await writer.suspend()
        return false
    }

    /// `HEAD` or `GET /v1/model/{name}/content`: where an upload stands; of a set, also whether the file is here.
    func uploadOffset(_ name: ArtifactName, _ request: Request) async throws -> Response {
        let target = try UploadTarget(name, request)
        if target.isOfSet, let size = try await services.intake.received.find(target.sha256) {
            return .document(
                SetFileDocument(
                    filename: target.filename.description, sha256: target.sha256.hex, sizeBytes: size))
        }
        let offset: UInt64?
        do { offset = try await services.uploads.offset(of: target.id) } catch { throw RegistryError(error) }
        guard let offset else { throw RegistryError(.uploadNotFound, "There is no such upload.") }
        return Response(status: .noContent, headers: Self.offset(offset))
    }

    /// `DELETE /v1/model/{name}/content`: gives an upload up.
    func discardUpload(_ name: ArtifactName, _ request: Request) async throws -> Response {
        let target = try UploadTarget(name, request)
        do { try await services.uploads.discard(target.id) } catch { throw RegistryError(error) }
        return Response(status: .noContent)
    }

    private static func offset(_ offset: UInt64) -> HTTPFields {
        var fields: HTTPFields = [.cacheControl: "no-store"]
        if let name = HTTPField.Name(APIField.uploadOffset) { fields[name] = String(offset) }
        return fields
    }
}

extension ModelRoutes {
    static var uploadParameters: Set<String> { UploadTarget.parameters }
}

/// Which upload a request belongs to.
private struct UploadTarget {
    static let parameters: Set = ["filename", "sha256", "source", "source_revision", "set"]

    var filename: RelativePath
    var sha256: Digest
    var source: String?
    var sourceRevision: String?
    /// The bytes become part of an artifact by an acquire that names them, and not now.
    var isOfSet: Bool
    var id: UploadID

    init(_ name: ArtifactName, _ request: Request) throws(RegistryError) {
        let query = QueryReader(request)
        guard let filename = try query.text("filename") else {
            throw RegistryError(.missingField, "The parameter filename is missing.", detail: ["field": "filename"])
        }
        guard let sha256 = try query.text("sha256").checkedDigest("sha256") else {
            throw RegistryError(.missingField, "The parameter sha256 is missing.", detail: ["field": "sha256"])
        }
        self.filename = try RelativePath(checked: filename, field: "filename")
        self.sha256 = sha256
        source = try query.text("source").boundedText("source")
        sourceRevision = try query.text("source_revision").boundedText("source_revision")
        isOfSet = try query.flag("set")
        if isOfSet, source != nil || sourceRevision != nil {
            throw RegistryError(
                .invalidField, "Where a set comes from is said when it is acquired.", detail: ["field": "source"])
        }
        id = UploadID(name: name.description, filename: self.filename.description, sha256: sha256)
    }
}

extension SetFileDocument {
    fileprivate init(_ file: ArtifactFile) {
        self.init(filename: file.path.description, sha256: file.digest.hex, sizeBytes: file.sizeBytes)
    }
}

/// `Content-Range: bytes first-last/total`.
private struct UploadRange {
    var first: UInt64
    var last: UInt64
    var total: UInt64

    /// - Returns: `nil` when there is no such header field.
    init?(_ field: String?) throws(RegistryError) {
        guard let field else { return nil }
        let fault = RegistryError(
            .invalidField, "Content-Range has to be bytes first-last/total.", detail: ["field": "Content-Range"])
        guard field.hasPrefix("bytes ") else { throw fault }
        let parts = field.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let total = UInt64(parts[1]) else { throw fault }
        let bounds = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard bounds.count == 2, let first = UInt64(bounds[0]), let last = UInt64(bounds[1]), first <= last,
            last < total
        else { throw fault }
        self.first = first
        self.last = last
        self.total = total
    }
}

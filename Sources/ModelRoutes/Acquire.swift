import HTTPTypes
import Hummingbird
import OCI
import RegistryCore
import RegistryServices
import RegistryWire
import RouteSupport
import StrictJSON

extension ModelRoutes {
    /// `POST /v1/model/acquire`: takes in what lies beneath the registry's directory, or a set of received files.
    var acquire: Resource {
        Resource(
            RouterPath(APIPath.acquire),
            .post(.mutate) { request, context in
                let body: AcquireRequest = try await JSONBody.read(request)
                let order = try IntakeOrder(body)
                return try await LongAnswer.make(request, context) { [services] progress in
                    let (record, isNew) = try await services.intake.acquire(order, context.caller, progress)
                    return JSONAnswer(ArtifactDocument(record, services.paths), status: isNew ? .created : .ok)
                }
            })
    }
}

extension IntakeOrder {
    fileprivate init(_ body: AcquireRequest) throws(RegistryError) {
        let name = try ArtifactName(checked: body.name)
        self.init(
            name: name, bytes: try Bytes(body, name), sha256: try body.sha256.checkedDigest("sha256"),
            sizeBytes: body.sizeBytes, source: try body.source.boundedText("source"),
            sourceRevision: try body.sourceRevision.boundedText("source_revision"), format: body.format)
    }
}

extension IntakeOrder.Bytes {
    fileprivate init(_ body: AcquireRequest, _ name: ArtifactName) throws(RegistryError) {
        let filename = body.filename ?? name.parts.last.map { String($0) } ?? ""
        let path = try RelativePath(checked: filename, field: "filename")
        guard let rows = body.files else {
            self = .source(path)
            return
        }
        var files: [ArtifactFile] = []
        files.reserveCapacity(rows.count)
        for row in rows {
            files.append(
                ArtifactFile(
                    path: try RelativePath(checked: row.filename, field: "files"),
                    digest: try Digest(checked: row.sha256, field: "files"), sizeBytes: row.sizeBytes))
        }
        self = .set(try FileSet(checked: files), filename: path)
    }
}

extension String? {
    func checkedDigest(_ field: String) throws(RegistryError) -> Digest? {
        guard let self else { return nil }
        return try Digest(checked: self, field: field)
    }

    /// A line of text that goes into the log: at most 1,024 bytes, no control characters.
    func boundedText(_ field: String) throws(RegistryError) -> String? {
        guard let self else { return nil }
        guard self.utf8.count <= 1_024,
            !self.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else {
            throw RegistryError(
                .invalidField, "\(field) has at most 1024 bytes and no control characters.",
                detail: ["field": .string(field)])
        }
        return self
    }
}

import HTTPTypes
import Hummingbird
import NIOCore
import OCI
import RegistryCore
import RegistryPorts
public import RegistryServices
public import RegistryWire
import RouteSupport
import StrictJSON

extension ModelRoutes {
    /// `POST /v1/model/verify`, `/v1/models/verify-all`, `/v1/model/verify-manifest`; `GET /v1/integrity/status`.
    var verification: [Resource] {
        [
            Resource(RouterPath(APIPath.verify), .post(.read, self.verifyOne)),
            Resource(RouterPath(APIPath.verifyAll), .post(.read, self.verifyAll)),
            Resource(RouterPath(APIPath.verifyManifest), .post(.read, self.verifyTensors)),
            Resource(
                RouterPath(APIPath.integrityStatus),
                .get(.read) { _, _ in .document(services.sweep.lastResult.map(SweepDocument.init) ?? .unknown) }),
        ]
    }

    private func verifyOne(_ request: Request, _ context: RegistryRequestContext) async throws -> Response {
        let name = try await self.subject(of: request)
        let record = try await services.directory.record(named: name)
        guard record.state.keepsBytes else {
            throw RegistryError(
                .stateConflict, "\(name) is deleted; its bytes are not kept.", detail: ["state": "deleted"])
        }
        return try await LongAnswer.make(request, context) { progress in
            try await self.verify(name, record, progress)
        }
    }

    private func verify(
        _ name: ArtifactName, _ record: ArtifactRecord, _ progress: WorkProgress?
    ) async throws(RegistryError) -> JSONAnswer {
        let outcome = try await services.heavyWork.run { () async throws(RegistryError) in
            let files = try await services.manifests.files(of: record.key)
            return try await services.verification.verify(record, files, progress)
        }
        let now = try await services.directory.record(named: name)
        let document = VerificationDocument(
            name: name.description, status: outcome == nil ? "verified" : "failed",
            safeToUse: outcome == nil && now.state == .trusted, sha256: record.acquisition.content.sha256.hex,
            state: now.state.rawValue, actual: outcome?.damage.description,
            file: outcome?.file.path.description)
        return JSONAnswer(document, status: outcome == nil ? .ok : .conflict)
    }

    private func verifyAll(_ request: Request, _ context: RegistryRequestContext) async throws -> Response {
        if LongAnswer.isWanted(request) { return verifyAllStreaming(request, context) }
        let result = try await services.sweep.run(pace: .full)
        return .document(SweepDocument(result), status: result.status == .ok ? .ok : .conflict)
    }

    /// Server-sent events (WHATWG HTML, *9.2*): one `model` event for each artifact, then `done` or `error`.
    ///
    /// Rows that come faster than the client takes them are left out; `done` has what is not verified.
    private func verifyAllStreaming(_ request: Request, _ context: RegistryRequestContext) -> Response {
        let sweep = services.sweep
        let line = RequestLine(request)
        return LongAnswer.stream(
            ResponseBody { writer in
                // What the head said, for a client that does not wait for the end.
                var status = 200
                do {
                    let (rows, continuation) = AsyncStream.makeStream(
                        of: IntegritySweep.Row.self, bufferingPolicy: .bufferingNewest(1_024))
                    async let outcome = Self.run(sweep, continuation)
                    for await row in rows {
                        try await writer.write(LongAnswer.event("model", VerificationDocument(row).json))
                    }
                    let result = await outcome
                    status = Self.status(of: result)
                    try await writer.write(Self.lastEvent(of: result))
                } catch {
                    line.write(status: status, context)
                    throw error
                }
                // Who sees the end finds the line.
                line.write(status: status, context)
                try await writer.finish(nil)
            })
    }

    private static func status(of result: Result<IntegritySweep.Result, RegistryError>) -> Int {
        switch result {
        case .success(let result): result.status == .ok ? 200 : 409
        case .failure(let error): error.code.httpStatus
        }
    }

    private static func lastEvent(of result: Result<IntegritySweep.Result, RegistryError>) -> ByteBuffer {
        switch result {
        case .success(let result): return LongAnswer.event("done", SweepDocument(result).json)
        case .failure(let error):
            let document = ErrorDocument(error: error.message, code: error.code.rawValue, detail: error.detail)
            return LongAnswer.event("error", document.json)
        }
    }

    private static func run(
        _ sweep: IntegritySweep, _ rows: AsyncStream<IntegritySweep.Row>.Continuation
    ) async -> Result<IntegritySweep.Result, RegistryError> {
        defer { rows.finish() }
        do { return .success(try await sweep.run(pace: .full) { row in rows.yield(row) }) } catch {
            return .failure(error)
        }
    }

    private func verifyTensors(_ request: Request, _ context: RegistryRequestContext) async throws -> Response {
        if try QueryReader(request).text("name") != nil {
            let name = try await self.subject(of: request)
            let result = try await services.heavyWork.run { () async throws(RegistryError) in
                try await services.tensorCheck.check(name)
            }
            return .document(TensorCheckDocument(result), status: result.status == .failed ? .conflict : .ok)
        }
        let sweep = try await services.heavyWork.run { () async throws(RegistryError) in
            try await services.tensorCheck.checkAll()
        }
        let document = TensorSweepDocument(
            status: sweep.failures == 0 ? "verified" : "failed", checked: sweep.checked,
            models: sweep.results.map(TensorCheckDocument.init), modelsOmitted: sweep.resultsOmitted)
        return .document(document, status: sweep.failures == 0 ? .ok : .conflict)
    }
}

extension TensorCheckDocument {
    init(_ result: TensorCheck.Result) {
        self.init(
            name: result.name.description, status: result.status.rawValue, tensors: UInt64(result.tensors),
            changed: result.changed)
    }
}

extension VerificationDocument {
    init(_ row: IntegritySweep.Row) {
        self.init(
            name: row.name.description, status: row.status.rawValue,
            safeToUse: row.status == .verified && row.record?.state == .trusted,
            sha256: row.record?.acquisition.content.sha256.hex, state: row.record?.state.rawValue, actual: row.found,
            file: row.file)
    }
}

extension SweepDocument {
    public init(_ result: IntegritySweep.Result) {
        self.init(
            status: result.status.rawValue, checked: result.checked, failures: result.failures,
            undecided: result.undecided, verifiedAt: result.endedAt.description, bytes: result.bytes,
            models: result.rows.map(VerificationDocument.init), modelsOmitted: result.rowsOmitted)
    }
}

internal import RegistryWire
public import TransparencyLog

extension RegistryClient {
    /// The newest signed checkpoint, not verified.
    public func logCheckpoint() async throws(ClientFault) -> [UInt8] {
        try await logBytes(APIPath.logCheckpoint, accept: "text/plain", bytesMax: SignedNote.bytesMax)
    }

    /// The log's verifier key as the registry states it: to be compared with one from elsewhere, or trusted once.
    public func logKey() async throws(ClientFault) -> String {
        let bytes = try await logBytes(APIPath.logKey, accept: "text/plain", bytesMax: Self.keyBytesMax)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .malformedAnswer(problem: "the log's key is not UTF-8")
        }
        return String(text.prefix { $0 != "\n" })
    }

    /// A tile or an entry bundle, not verified. A partial one that is gone is taken from the full one.
    public func logResource(_ path: TilePath) async throws(ClientFault) -> [UInt8] {
        let bytesMax = path.content == .entries ? EntryBundle.bytesMax : Tile.bytesMax
        do throws(ClientFault) {
            return try await logBytes(APIPath.log(path.description), accept: "*/*", bytesMax: bytesMax)
        } catch {
            // C2SP tlog-tiles, Partial Tiles: they may be deleted once the full tile exists.
            guard path.isPartial, error.status == 404 else { throw error }
            return try await logBytes(APIPath.log(path.full.description), accept: "*/*", bytesMax: bytesMax)
        }
    }

    private func logBytes(_ path: String, accept: String, bytesMax: Int) async throws(ClientFault) -> [UInt8] {
        var request = APIRequest(.get, path)
        request.accept = accept
        request.answerBytesMax = bytesMax
        let answer = try await exchange(request)
        try answer.requireSuccess()
        return answer.body
    }

    private static let keyBytesMax = 4_096
}

extension ClientFault {
    /// The HTTP status, if there was an answer.
    public var status: Int? {
        switch self {
        case .refused(let refusal): refusal.status
        case .foreignAnswer(let status): status
        case .malformedAnswer, .answerTooLarge, .unreachable, .lost, .untrusted, .interrupted, .timedOut,
            .contentUnreadable, .cancelled:
            nil
        }
    }
}

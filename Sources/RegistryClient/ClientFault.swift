public import RegistryCore
public import RegistryWire

/// Why a request to a registry brought no answer, or not the one that was asked for.
///
/// Nothing of it is success: a caller that cannot tell what happened must not go on as if it had.
public enum ClientFault: Error, Sendable {
    /// The registry answered that it will not or cannot.
    case refused(Refusal)

    /// An answer with this status that no registry gives: a proxy's page, another service, a redirect.
    case foreignAnswer(status: Int)

    /// The status promises a document that the body is not. `problem` says where it went wrong.
    case malformedAnswer(problem: String)

    /// The answer exceeds what this client reads.
    case answerTooLarge(bytesMax: Int)

    /// No connection: nobody listens, or the name does not resolve.
    case unreachable(server: ServerAddress, reason: String)

    /// As `unreachable`, of a registry that answered before. What it took before that is not lost with it.
    case lost(server: ServerAddress, reason: String)

    /// Whoever listens could not show that it is the registry that was meant. Nothing was sent to it.
    case untrusted(server: ServerAddress, reason: String)

    /// The connection broke after it had been made. Whether the request took effect is not known.
    case interrupted

    /// No complete answer in time. Whether the request took effect is not known.
    case timedOut

    /// The bytes to send could not be read, or changed while they were sent.
    case contentUnreadable

    /// The calling task was cancelled.
    case cancelled

    /// What a registry says when it refuses.
    public struct Refusal: Sendable, Hashable {
        /// HTTP status.
        public var status: Int

        /// The stable code; `nil` if this client is older than the code.
        public var code: ErrorCode?

        /// Sentence, code and detail as they were sent.
        public var document: ErrorDocument

        /// Seconds after which repeating makes sense, if the registry said so.
        public var retryAfter: UInt64?

        /// By which the registry's own log names the request.
        public var requestID: String?

        public init(
            status: Int, code: ErrorCode?, document: ErrorDocument, retryAfter: UInt64? = nil, requestID: String? = nil
        ) {
            self.status = status
            self.code = code
            self.document = document
            self.retryAfter = retryAfter
            self.requestID = requestID
        }
    }

    /// What this means of a registry that answered before.
    package var afterContact: ClientFault {
        guard case .unreachable(let server, let reason) = self else { return self }
        return .lost(server: server, reason: reason)
    }

    /// The refusal's code, if it is a refusal with a known one.
    public var code: ErrorCode? {
        guard case .refused(let refusal) = self else { return nil }
        return refusal.code
    }
}

internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import StrictJSON

/// The calling code's own failure while it produced a request's body.
struct ContentReadFault: Error {}

extension ClientFault {
    /// What an error of the HTTP library means.
    package init(transport error: any Error, server: ServerAddress) {
        switch error {
        case let fault as ClientFault: self = fault
        case is ContentReadFault: self = .contentUnreadable
        case is CancellationError: self = Self.stopped
        case let error as HTTPClientError: self.init(error, server)
        case let error as NIOConnectionError: self = .unreachable(server: server, reason: Self.reason(error))
        case is NIOTooManyBytesError: self = .answerTooLarge(bytesMax: 0)
        case let error as IOError where Self.isBreak(error.errnoCode): self = .interrupted
        case let error as IOError where error.errnoCode == Self.connectionRefused:
            self = .unreachable(server: server, reason: Self.refusedSentence)
        // The connection ended in the middle of an answer.
        case let error as HTTPParserError where error == .invalidEOFState: self = .interrupted
        case let error as ChannelError where error == .ioOnClosedChannel || error == .alreadyClosed:
            self = .interrupted
        case let error as ChannelError where error == .eof:
            self = .unreachable(server: server, reason: Self.closedSentence)
        case let error as NIOSSLError:
            self = error == .uncleanShutdown ? .interrupted : .unreachable(server: server, reason: Self.reason(error))
        // Bytes came, and they are no answer.
        case let error as HTTPParserError: self = .malformedAnswer(problem: Self.firstLine("not HTTP: \(error)"))
        case let fault as JSONFault: self = .malformedAnswer(problem: fault.description)
        case let fault as FieldFault: self = .malformedAnswer(problem: fault.description)
        case EventStreamFault.lineTooLong(let limit), EventStreamFault.eventTooLarge(let limit):
            self = .answerTooLarge(bytesMax: limit)
        default: self = .unreachable(server: server, reason: Self.firstLine(String(describing: error)))
        }
    }

    private init(_ error: HTTPClientError, _ server: ServerAddress) {
        switch error {
        case .cancelled: self = Self.stopped
        case .deadlineExceeded, .readTimeout, .writeTimeout: self = .timedOut
        case .connectTimeout, .getConnectionFromPoolTimeout:
            self = .unreachable(server: server, reason: "no connection in time")
        case .tlsHandshakeTimeout: self = .unreachable(server: server, reason: "no TLS handshake in time")
        case .remoteConnectionClosed, .uncleanShutdown, .requestStreamCancelled: self = .interrupted
        default: self = .unreachable(server: server, reason: Self.firstLine(String(describing: error)))
        }
    }

    /// The library also stops a request of its own accord, when its connection ends while the body is being written.
    private static var stopped: ClientFault { Task.isCancelled ? .cancelled : .interrupted }

    private static func reason(_ error: NIOConnectionError) -> String {
        if let failure = error.connectionErrors.first {
            if let system = failure.error as? IOError, system.errnoCode == connectionRefused {
                return refusedSentence
            }
            return firstLine(String(describing: failure.error))
        }
        return "the host name does not resolve"
    }

    /// Why there is no TLS. The library tells it in words of its own, where it is no certificate (`CertificateDoubt`).
    private static func reason(_ error: NIOSSLError) -> String {
        let text = "\(error)"
        if text.contains("EOF during handshake") { return closedSentence }
        if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") { return "it does not speak TLS" }
        return firstLine(text)
    }

    private static func firstLine(_ text: String) -> String {
        String(text.prefix { $0 != "\n" }.prefix(200))
    }

    private static func isBreak(_ code: CInt) -> Bool {
        code == brokenPipe || code == connectionReset
    }

    private static let refusedSentence = "connection refused"
    private static let closedSentence = "the connection was closed before it could be used"
    private static let brokenPipe: CInt = 32
    private static let connectionReset: CInt = 104
    private static let connectionRefused: CInt = 111
}

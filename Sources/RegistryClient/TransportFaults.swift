internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import StrictJSON

/// The calling code's own failure while it produced a request's body.
struct ContentReadFault: Error {}

extension ClientFault {
    /// What an error of the HTTP library means.
    init(transport error: any Error) {
        switch error {
        case let fault as ClientFault: self = fault
        case is ContentReadFault: self = .contentUnreadable
        case is CancellationError: self = .cancelled
        case let error as HTTPClientError: self.init(error)
        case let error as NIOConnectionError:
            self = .unreachable(reason: Self.reason(error))
        case is NIOTooManyBytesError: self = .answerTooLarge(bytesMax: 0)
        case let error as IOError where Self.isBreak(error.errnoCode): self = .interrupted
        case let error as IOError where error.errnoCode == Self.connectionRefused:
            self = .unreachable(reason: Self.refusedSentence)
        // The connection ended in the middle of an answer.
        case let error as HTTPParserError where error == .invalidEOFState: self = .interrupted
        case let error as ChannelError where error == .ioOnClosedChannel || error == .alreadyClosed:
            self = .interrupted
        // Bytes came, and they are no answer.
        case let error as HTTPParserError: self = .malformedAnswer(problem: Self.firstLine("not HTTP: \(error)"))
        case let fault as JSONFault: self = .malformedAnswer(problem: fault.description)
        case let fault as FieldFault: self = .malformedAnswer(problem: fault.description)
        case EventStreamFault.lineTooLong(let limit), EventStreamFault.eventTooLarge(let limit):
            self = .answerTooLarge(bytesMax: limit)
        default: self = .unreachable(reason: Self.firstLine(String(describing: error)))
        }
    }

    private init(_ error: HTTPClientError) {
        switch error {
        case .cancelled: self = .cancelled
        case .deadlineExceeded, .readTimeout, .writeTimeout: self = .timedOut
        case .connectTimeout, .getConnectionFromPoolTimeout: self = .unreachable(reason: "no connection in time")
        case .tlsHandshakeTimeout: self = .unreachable(reason: "no TLS handshake in time")
        case .remoteConnectionClosed, .uncleanShutdown, .requestStreamCancelled: self = .interrupted
        default: self = .unreachable(reason: Self.firstLine(String(describing: error)))
        }
    }

    private static func reason(_ error: NIOConnectionError) -> String {
        if let failure = error.connectionErrors.first {
            if let system = failure.error as? IOError, system.errnoCode == connectionRefused {
                return refusedSentence
            }
            return firstLine(String(describing: failure.error))
        }
        return "the host name does not resolve"
    }

    private static func firstLine(_ text: String) -> String {
        String(text.prefix { $0 != "\n" }.prefix(200))
    }

    private static func isBreak(_ code: CInt) -> Bool {
        code == brokenPipe || code == connectionReset
    }

    private static let refusedSentence = "connection refused"
    private static let brokenPipe: CInt = 32
    private static let connectionReset: CInt = 104
    private static let connectionRefused: CInt = 111
}

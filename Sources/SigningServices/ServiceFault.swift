/// Why a service of signing did not do its part. `service` is its address.
public enum ServiceFault: Error, Sendable, Hashable {
    /// No connection, no answer in time, or one that says that it cannot now.
    case unavailable(service: String, reason: String)
    /// It says no; the message is its own, if it gave one.
    case refused(service: String, status: Int, message: String?)
    /// Its answer is larger than any answer should be, or not what its protocol says.
    case nonsense(service: String, reason: String)
    case cancelled
}

extension ServiceFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unavailable(let service, let reason): "\(service) does not answer: \(reason)"
        case .refused(let service, let status, let message):
            "\(service) refuses (HTTP status \(status))\(message.map { ": \($0)" } ?? "")"
        case .nonsense(let service, let reason): "the answer of \(service) cannot be used: \(reason)"
        case .cancelled: "interrupted"
        }
    }
}

/// Who caused an event.
public enum Actor: Sendable, Hashable, CustomStringConvertible {
    /// The holder of the service token.
    case serviceToken
    /// The holder of a credential.
    case principal(PrincipalName)
    /// Anybody who reached the loopback address of a registry in development mode.
    case developmentMode
    /// The registry: sweeps, reconciliation, boot.
    case registry(Task)
    /// An operator at the machine, by a sub-command of `pratique`.
    case console

    public enum Task: String, Sendable, Hashable, CaseIterable {
        case sweep, reconciler, boot
        case policy
        /// Ends waivers whose time is over.
        case waivers
        /// Looks at what is trusted again.
        case reinspection
    }

    public var description: String {
        switch self {
        case .serviceToken: "service-token"
        case .principal(let name): "principal/\(name)"
        case .developmentMode: "development-mode"
        case .console: "console"
        case .registry(let task): "registry/\(task.rawValue)"
        }
    }

    public init?(parsing text: String) {
        switch text {
        case "service-token": self = .serviceToken
        case "development-mode": self = .developmentMode
        case "console": self = .console
        default:
            if text.hasPrefix("principal/") {
                guard let name = try? PrincipalName(parsing: String(text.dropFirst(10))) else { return nil }
                self = .principal(name)
            } else {
                guard text.hasPrefix("registry/"), let task = Task(rawValue: String(text.dropFirst(9))) else {
                    return nil
                }
                self = .registry(task)
            }
        }
    }
}

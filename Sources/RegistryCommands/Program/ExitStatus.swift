public import RegistryCore

/// What a run of `securectl` came to. The numbers are part of the interface: scripts decide by them.
public struct ExitStatus: RawRepresentable, Sendable, Hashable {
    public let rawValue: Int32

    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// What was asked for is done, or holds.
    public static let done = ExitStatus(rawValue: 0)
    /// Two things that were compared are not the same, as diff(1) says it.
    public static let differs = ExitStatus(rawValue: 1)
    /// Policy does not admit it; an inspection wants a person to look.
    public static let refusedByPolicy = ExitStatus(rawValue: 10)
    /// Checked, and bad.
    public static let bad = ExitStatus(rawValue: 11)
    /// Could not be checked. Never the same as good.
    public static let unchecked = ExitStatus(rawValue: 12)
    /// The state of the artifact does not allow it.
    public static let wrongState = ExitStatus(rawValue: 13)

    // The rest as in sysexits.h.
    public static let usage = ExitStatus(rawValue: 64)
    public static let dataError = ExitStatus(rawValue: 65)
    public static let noInput = ExitStatus(rawValue: 66)
    public static let unavailable = ExitStatus(rawValue: 69)
    public static let software = ExitStatus(rawValue: 70)
    public static let ioError = ExitStatus(rawValue: 74)
    public static let temporary = ExitStatus(rawValue: 75)
    public static let protocolError = ExitStatus(rawValue: 76)
    public static let noPermission = ExitStatus(rawValue: 77)
    public static let configuration = ExitStatus(rawValue: 78)

    /// Ended by Ctrl-C, as shells say it.
    public static let interrupted = ExitStatus(rawValue: 130)

    /// What a stable code of the registry means.
    public init(_ code: ErrorCode) {
        rawValue = code.exitStatus
    }

    /// What an HTTP status means when no code explains it. Never `done`.
    init(httpStatus status: Int) {
        switch status {
        case 401, 403, 407, 421: self = .noPermission
        case 404, 410: self = .noInput
        case 408, 429, 502, 503, 504: self = .unavailable
        case 409, 412: self = .wrongState
        case 400, 411, 413, 414, 415, 422, 431: self = .dataError
        case 507: self = .ioError
        case 500...599: self = .software
        default: self = .protocolError
        }
    }
}

import Glibc
import NIOCore

/// Why the configured address cannot be listened on.
enum ListeningFault {
    /// - Returns: a `ConfigurationFault` that names the address, or `error` if it is about something else.
    static func meaning(of error: any Error, _ configuration: ServerConfiguration) -> any Error {
        guard let sentence = sentence(error) else { return error }
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        return ConfigurationFault(Setting.bindAddr.rawValue, "\(host):\(configuration.port) \(sentence)")
    }

    private static func sentence(_ error: any Error) -> String? {
        if error is SocketAddressError || error is SocketAddressError.UnknownHost {
            return "is no address, and no name of one"
        }
        guard let error = error as? IOError else { return nil }
        switch error.errnoCode {
        case EADDRINUSE: return "is taken: another program listens there"
        case EADDRNOTAVAIL: return "is no address of this machine"
        case EACCES: return "may not be listened on by the user that pratique runs as"
        default: return nil
        }
    }
}

internal import Dispatch
internal import Glibc

/// Turns the first Ctrl-C into a call, and the second into the end.
final class InterruptionWatch {
    private let source: any DispatchSourceSignal

    init(_ interrupted: @escaping @Sendable () -> Void) {
        signal(SIGINT, SIG_IGN)
        source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler {
            interrupted()
            signal(SIGINT, SIG_DFL)
        }
        source.resume()
    }

    deinit {
        source.cancel()
    }
}

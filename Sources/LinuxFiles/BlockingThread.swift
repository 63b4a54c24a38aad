import Glibc

/// A thread of the operating system, for work that blocks.
struct BlockingThread {
    private let identifier: pthread_t

    /// Starts `body` on a new thread, which `join` must wait for.
    ///
    /// - Throws: `.exhausted` when no thread can be had.
    static func start(_ body: @escaping @Sendable () -> Void) throws(FileFault) -> BlockingThread {
        let box = Unmanaged.passRetained(Body(run: body))
        var identifier = pthread_t()
        let code = pthread_create(
            &identifier, nil,
            { argument in
                if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, box.toOpaque())
        guard code == 0 else {
            box.release()
            throw FileFault(.run, .exhausted)
        }
        return BlockingThread(identifier: identifier)
    }

    /// Waits until the thread has ended.
    func join() {
        pthread_join(identifier, nil)
    }

    /// Lets the thread end on its own time.
    func detach() {
        pthread_detach(identifier)
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }
}

import NIOCore

/// Runs tasks on the event loop of a connection, where its bytes come in and go out: an answer that waits for nothing
/// else is written without another thread having been woken.
final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(of channel: any Channel) {
        loop = channel.eventLoop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

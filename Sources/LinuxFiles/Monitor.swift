import Glibc

/// A value, the lock that guards it, and the wait for it to change: for threads that block, never for tasks.
///
/// `@unchecked Sendable`: `value` is touched only between lock and unlock, and the mutex and condition have a fixed
/// address for their whole life.
final class Monitor<Value>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var value: Value

    init(_ value: sending Value) {
        self.value = value
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// How many of those who wait look again after a change.
    enum Waking { case nobody, one, all }

    /// Reads or changes the value, and wakes those who wait for a change.
    func change<Result>(waking: Waking = .all, _ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        let result = body(&value)
        switch waking {
        case .nobody: break
        case .one: pthread_cond_signal(condition)
        case .all: pthread_cond_broadcast(condition)
        }
        pthread_mutex_unlock(mutex)
        return result
    }

    /// Tries `attempt`, again after each change, until it gives a result. What `attempt` itself changes wakes nobody.
    func wait<Result>(for attempt: (inout Value) -> Result?) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = attempt(&value) { return result }
            pthread_cond_wait(condition, mutex)
        }
    }
}

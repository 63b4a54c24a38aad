import Glibc

/// Turns the C library's "−1 and errno" into one number, before any other code can run and change `errno`.
enum SystemCall {
    /// The result of `call`, or the negated `errno`. Interrupted calls are made again.
    static func result<Number: SignedInteger>(_ call: () -> Number) -> Number {
        while true {
            let result = call()
            if result != -1 { return result }
            let code = errno
            if code != EINTR { return Number(-code) }
        }
    }

    /// `result` if it is not negative, else the fault of its `errno`.
    @discardableResult
    static func check<Number: SignedInteger>(
        _ operation: FileOperation, _ result: Number
    ) throws(FileFault) -> Number {
        guard result < 0 else { return result }
        throw FileFault(operation, code: Int32(truncatingIfNeeded: -result))
    }
}

import Glibc

/// What a command says to the person who runs it, and where the log goes.
enum StandardError {
    static func write(_ text: String) {
        write(Array(text.utf8))
    }

    static func write(_ bytes: [UInt8]) {
        StandardStream.write(bytes, to: STDERR_FILENO)
    }
}

/// What a command gives to the next program.
enum StandardOutput {
    static func write(_ text: String) {
        StandardStream.write(Array(text.utf8), to: STDOUT_FILENO)
    }
}

private enum StandardStream {
    /// One system call for the whole text where the kernel takes it at once, so that lines of several threads do not
    /// mix.
    static func write(_ bytes: [UInt8], to stream: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(stream, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // Nobody to tell when the stream itself cannot be written.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

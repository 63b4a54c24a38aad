import Glibc
import LinuxFiles

/// One command to the daemon. It closes the connection after its answer.
///
/// Commands begin with `z` and end with a zero byte, and so do answers.
struct ClamdConnection: Sendable {
    private static let chunkBytes = 1 << 18
    private static let answerBytesMax = 4_096

    private let socket: FileDescriptor
    private let deadline: Deadline

    init(_ address: ClamdScanner.Address, _ deadline: Deadline) throws(ScannerFault) {
        self.deadline = deadline
        switch address {
        case .socket(let path): socket = try Self.connect(path: path)
        case .tcp(let host, let port): socket = try Self.connect(host: host, port: port)
        }
        socket.withNumber { number in
            var timeout = timeval(tv_sec: 1, tv_usec: 0)
            let length = socklen_t(MemoryLayout<timeval>.size)
            setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &timeout, length)
            setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &timeout, length)
        }
    }

    /// - Parameter command: without its mark.
    func ask(_ command: String) throws(ScannerFault) -> String {
        try send(Array("z\(command)\0".utf8))
        return try answer()
    }

    /// Sends a file, in chunks with their length before them; one of no length is the last.
    func stream(
        _ file: FileDescriptor, sizeBytes: UInt64, _ flag: CancellationFlag
    ) throws(ScannerFault) -> String {
        try send(Array("zINSTREAM\0".utf8))
        var buffer = [UInt8](repeating: 0, count: 4 + Self.chunkBytes)
        var offset: UInt64 = 0
        while offset < sizeBytes {
            guard !flag.isCancelled else { throw .timedOut }
            let wanted = Int(min(UInt64(Self.chunkBytes), sizeBytes - offset))
            let count = file.withNumber { number in
                buffer.withUnsafeMutableBytes { pread(number, $0.baseAddress?.advanced(by: 4), wanted, off_t(offset)) }
            }
            guard count > 0 else { throw .unreadableFile(code: count < 0 ? errno : EIO) }
            withUnsafeBytes(of: UInt32(count).bigEndian) { length in
                for index in 0..<4 { buffer[index] = length[index] }
            }
            if let text = try answer(insteadOfTaking: buffer[..<(4 + count)]) { return text }
            offset += UInt64(count)
        }
        if let text = try answer(insteadOfTaking: [0, 0, 0, 0]) { return text }
        return try answer()
    }

    /// Sends a piece of a stream. Where the stream is too long for it, the daemon answers and closes before its end.
    ///
    /// - Returns: `nil` when it took the piece.
    private func answer(insteadOfTaking bytes: some Collection<UInt8>) throws(ScannerFault) -> String? {
        do throws(ScannerFault) {
            try send(bytes)
            return nil
        } catch {
            guard case .unreachable = error, let text = try? answer(), !text.isEmpty else { throw error }
            return text
        }
    }

    private func send(_ bytes: some Collection<UInt8>) throws(ScannerFault) {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            guard deadline.millisecondsLeft > 0 else { throw .timedOut }
            let sent = socket.withNumber { number in
                rest.withUnsafeBytes { Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            }
            if sent < 0 {
                let code = errno
                guard code == EINTR || code == EAGAIN else { throw .unreachable(code: code) }
                continue
            }
            rest = rest.dropFirst(sent)
        }
    }

    private func answer() throws(ScannerFault) -> String {
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1_024)
        while text.last != 0 {
            guard deadline.millisecondsLeft > 0 else { throw .timedOut }
            let count = socket.withNumber { number in
                buffer.withUnsafeMutableBytes { recv(number, $0.baseAddress, $0.count, 0) }
            }
            if count < 0 {
                let code = errno
                guard code == EINTR || code == EAGAIN else { throw .unreachable(code: code) }
                continue
            }
            guard count > 0 else { break }
            text.append(contentsOf: buffer[..<count])
            guard text.count <= Self.answerBytesMax else { throw .outputTooLong }
        }
        guard text.last == 0 else { throw .unreachable(code: ECONNRESET) }
        return ScannerText.line(text.dropLast())
    }

    private static func connect(path: String) throws(ScannerFault) -> FileDescriptor {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { throw .unreachable(code: ENAMETOOLONG) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let socket = try open(AF_UNIX)
        let result = socket.withNumber { number in
            withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
        guard result == 0 else { throw .unreachable(code: errno) }
        return socket
    }

    private static func connect(host: String, port: UInt16) throws(ScannerFault) -> FileDescriptor {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0 else { throw .unreachable(code: EHOSTUNREACH) }
        defer { freeaddrinfo(list) }
        var code = EHOSTUNREACH
        var next = list
        while let entry = next?.pointee {
            let socket = try open(entry.ai_family)
            if socket.withNumber({ Glibc.connect($0, entry.ai_addr, entry.ai_addrlen) }) == 0 { return socket }
            code = errno
            next = entry.ai_next
        }
        throw .unreachable(code: code)
    }

    private static func open(_ family: Int32) throws(ScannerFault) -> FileDescriptor {
        let number = Glibc.socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw .unreachable(code: errno) }
        return FileDescriptor(owning: number)
    }
}

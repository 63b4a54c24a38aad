import Glibc
import Synchronization

/// A TCP connection that speaks HTTP/1.1 as exactly, or as badly, as a test wants.
///
/// Every call waits; run them in `OwnThread`. One thread at a time.
public final class HTTPConnection: Sendable {
    private let socket: Int32
    private let host: String
    private let buffer = Mutex<[UInt8]>([])

    /// - Parameters:
    ///   - receiveBytes: the size of the kernel's buffer for what arrives; small to be a slow reader.
    public init(to address: ServerAddress, receiveBytes: Int32? = nil, waitingAtMost seconds: Int = 60) throws {
        host = address.authority
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw FixtureFault("socket: errno \(errno)") }
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        if var receiveBytes {
            setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &receiveBytes, socklen_t(MemoryLayout<Int32>.size))
        }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = address.port.bigEndian
        inet_pton(AF_INET, address.host, &name.sin_addr)
        let result = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                connect(socket, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            let code = errno
            Glibc.close(socket)
            throw FixtureFault("connect to \(address): errno \(code)")
        }
    }

    deinit { Glibc.close(socket) }

    /// Sends the bytes as they are.
    ///
    /// - Throws: when the other end closed the connection or takes nothing.
    public func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FixtureFault("send: errno \(errno)") }
            rest.removeFirst(count)
        }
    }

    public func send(_ request: HTTPRequest) throws {
        try send(request.encoded(host: host))
    }

    /// Says that nothing more will be sent.
    public func finishSending() {
        shutdown(socket, Int32(SHUT_WR))
    }

    /// Breaks the connection at once, with a reset.
    public func abort() {
        var nowhere = sockaddr(sa_family: sa_family_t(AF_UNSPEC), sa_data: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
        connect(socket, &nowhere, socklen_t(MemoryLayout<sockaddr>.size))
    }

    /// Sends a request and reads its answer. The connection stays open.
    public func exchange(_ request: HTTPRequest) throws -> HTTPResponse {
        try send(request)
        return try receive(afterHead: request.method == "HEAD")
    }

    /// Reads one answer.
    ///
    /// - Parameter isHead: the request was a HEAD, so that its answer has no body.
    public func receive(afterHead isHead: Bool = false) throws -> HTTPResponse {
        var reader = ResponseReader(isHead: isHead)
        return try buffer.withLock { buffer in
            while true {
                if let response = try reader.take(from: &buffer) { return response }
                let more = try read(atMost: 256 << 10)
                if more.isEmpty { return try reader.end(&buffer) }
                buffer += more
            }
        }
    }

    /// Whatever arrives next; empty at the end of the connection.
    public func read(atMost count: Int) throws -> [UInt8] {
        while true {
            var result = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
                result = Glibc.recv(socket, buffer.baseAddress, count, 0)
                initialized = max(0, result)
            }
            if result >= 0 { return bytes }
            switch errno {
            case EINTR: continue
            case ECONNRESET: return []
            default: throw FixtureFault("recv: errno \(errno)")
            }
        }
    }

    /// Reads to the end of the connection.
    public func readToEnd() throws -> [UInt8] {
        var all: [UInt8] = []
        while case let more = try read(atMost: 1 << 20), !more.isEmpty { all += more }
        return all
    }

    /// Waits until the other end closed the connection, dropping what it still sends.
    ///
    /// - Returns: whether it did in this time.
    public func isClosed(within seconds: Int) -> Bool {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        return (try? readToEnd()) != nil
    }
}

/// Where a server listens.
public struct ServerAddress: Sendable, Hashable, CustomStringConvertible {
    public let host: String
    public let port: UInt16

    /// - Parameter url: `http://host:port`, or `https` for a server that speaks TLS there.
    public init?(url: String) {
        let parts = url.split(separator: ":")
        guard parts.count == 3, ["http", "https"].contains(parts[0]), parts[1].hasPrefix("//"),
            let port = UInt16(parts[2])
        else { return nil }
        host = String(parts[1].dropFirst(2))
        self.port = port
    }

    public var authority: String { "\(host):\(port)" }
    public var description: String { "http://\(authority)" }
}

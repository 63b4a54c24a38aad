import Glibc

/// A connection to a server on this machine.
final class HTTPConnection {
    let socket: Int32
    private var isOpen = true
    private var scratch: [UInt8]

    /// - Parameters:
    ///   - receiveBytes: size of the socket's buffer; `nil` for what the kernel gives.
    ///   - scratchBytes: most bytes that are taken at a time.
    init(port: UInt16, receiveBytes: Int32? = nil, scratchBytes: Int = 1 << 18) throws(BenchFault) {
        scratch = [UInt8](repeating: 0, count: scratchBytes)
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { throw .system("socket") }
        if var receiveBytes {
            setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &receiveBytes, socklen_t(MemoryLayout<Int32>.size))
        }
        var on: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else {
            let fault = BenchFault.system("connect")
            close()
            throw fault
        }
    }

    deinit { close() }

    /// Ends it, whatever is still under way.
    func close() {
        guard isOpen else { return }
        isOpen = false
        Glibc.close(socket)
    }

    func send(_ bytes: [UInt8]) throws(BenchFault) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .system("send") }
            rest = rest.dropFirst(count)
        }
    }

    /// Sends the first bytes of a file (sendfile(2)).
    func send(file: Int32, count: UInt64) throws(BenchFault) {
        var offset: off_t = 0
        while offset < count {
            let sent = sendfile(socket, file, &offset, Int(count) - offset)
            if sent < 0, errno == EINTR { continue }
            guard sent > 0 else { throw .system("sendfile") }
        }
    }

    /// Waits for bytes and gives those that are there to `reader`.
    ///
    /// - Returns: whether the response is complete.
    func receive(into reader: inout HTTPResponseReader) throws(BenchFault) -> Bool {
        let count = scratch.withUnsafeMutableBytes { recv(socket, $0.baseAddress, $0.count, 0) }
        if count < 0, errno == EINTR { return false }
        guard count > 0 else { throw count == 0 ? BenchFault("the server closed the connection") : .system("recv") }
        return try scratch.withUnsafeBufferPointer { bytes throws(BenchFault) in
            try reader.take(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[..<count]))
        }
    }

    /// One request and its whole answer.
    func exchange(_ request: HTTPRequest) throws(BenchFault) -> (status: Int, body: [UInt8]) {
        try send(request.bytes)
        var reader = HTTPResponseReader(keepsBody: true)
        while try !receive(into: &reader) {}
        return (reader.status, reader.body)
    }
}

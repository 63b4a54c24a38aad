import CLinux
import Glibc

/// Starts a child for each request, tells the parent how each child ended, and knows nothing else.
///
/// It holds no credential, no path and no open file but its socket and pipes, and it never looks into a file. It ends
/// when the parent does, because the parent's end of the socket closes with it.
struct ForkServer {
    /// Descriptor on which the parent hands over the socket.
    static let socket: Int32 = 3
    /// Children at a time; the parent asks for fewer.
    static let childrenMax = 256

    /// How the server itself ends.
    enum ExitStatus {
        static let done: Int32 = 0
        /// Not started by a parent of ours (EX_USAGE).
        static let notAChild: Int32 = 64
        /// The machine refused what every Linux has (EX_OSERR).
        static let system: Int32 = 71
    }

    private let work: ChildWork
    private let view: ChildView
    private var programBytes: UInt64 = 0
    private var hasFilter = false
    /// Where to report the end of each child.
    private var statusPipes: [pid_t: Int32] = [:]
    private var message = [UInt8](repeating: 0, count: InspectorRequest.bytesMax)

    init(work: @escaping ChildWork, view: @escaping ChildView) {
        self.work = work
        self.view = view
    }

    /// Serves until the parent is gone.
    ///
    /// - Returns: the exit status of the process.
    mutating func run() -> Int32 {
        var type: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(Self.socket, SOL_SOCKET, SO_TYPE, &type, &length) == 0,
            type == Int32(SOCK_SEQPACKET.rawValue)
        else {
            return ExitStatus.notAChild
        }
        guard clinux_close_from(UInt32(Self.socket) + 1) == 0 else { return ExitStatus.system }
        clearenv()
        signal(SIGPIPE, SIG_IGN)
        let childSignal = clinux_open_child_signal()
        guard childSignal >= 0 else { return ExitStatus.system }
        _ = clinux_set_process_name("inspector")
        programBytes = Sandbox.programBytes()
        let layers = Sandbox.enterServer()
        hasFilter = layers.hasSystemCallFilter
        guard ServerGreeting(layers).send(over: Self.socket) else { return ExitStatus.done }
        return serve(childSignal)
    }

    private mutating func serve(_ childSignal: Int32) -> Int32 {
        while true {
            var waiting = [
                pollfd(fd: Self.socket, events: Int16(POLLIN), revents: 0),
                pollfd(fd: childSignal, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&waiting, 2, -1) >= 0 else {
                if errno == EINTR { continue }
                return ExitStatus.system
            }
            if waiting[1].revents != 0 {
                // How many there were does not matter: the children themselves are asked.
                var record = [UInt8](repeating: 0, count: 128)
                _ = read(childSignal, &record, record.count)
                reapChildren()
            }
            if waiting[0].revents != 0, !takeRequest() { return ExitStatus.done }
        }
    }

    private mutating func reapChildren() {
        while true {
            var status: Int32 = 0
            let child = waitpid(-1, &status, WNOHANG)
            guard child > 0 else { return }
            if let pipe = statusPipes.removeValue(forKey: child) {
                ChildStatus(waitStatus: status).write(to: pipe)
                close(pipe)
            }
        }
    }

    /// - Returns: false when the parent is gone.
    private mutating func takeRequest() -> Bool {
        var descriptors = [Int32](repeating: -1, count: Int(CLINUX_MESSAGE_DESCRIPTORS_MAX))
        var count = 0
        let length = clinux_receive_message(Self.socket, &message, message.count, &descriptors, &count)
        guard length != 0, length != -Int(ECONNRESET) else { return false }
        let received = Array(descriptors.prefix(count))
        guard length > 0, let request = InspectorRequest(message[..<length]), received.count == request.descriptorCount
        else {
            for descriptor in received { close(descriptor) }
            return true
        }
        start(request, received)
        return true
    }

    /// Forks a child for `request`, whose last two descriptors are the pipes for result and status.
    private mutating func start(_ request: InspectorRequest, _ descriptors: [Int32]) {
        let statusPipe = descriptors[descriptors.count - 1]
        let given = descriptors.dropLast()
        guard statusPipes.count < Self.childrenMax else {
            for descriptor in given { close(descriptor) }
            ChildStatus.notStarted.write(to: statusPipe)
            close(statusPipe)
            return
        }
        let server = getpid()
        let child = fork()
        if child == 0 {
            InspectionChild(request: request, programBytes: programBytes, hasFilter: hasFilter, server: server)
                .run(Array(given), work, view)
        }
        for descriptor in given { close(descriptor) }
        guard child > 0 else {
            ChildStatus.notStarted.write(to: statusPipe)
            close(statusPipe)
            return
        }
        statusPipes[child] = statusPipe
    }
}

/// The first message of a server that is ready: what its sandbox consists of.
struct ServerGreeting {
    static let bytesMax = 5
    let layers: Sandbox.Layers

    init(_ layers: Sandbox.Layers) {
        self.layers = layers
    }

    init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count == Self.bytesMax, let version = UInt32(littleEndianBytes: bytes.prefix(4)),
            let filter = bytes.last
        else { return nil }
        layers = Sandbox.Layers(landlockVersion: Int(version), hasSystemCallFilter: filter == 1)
    }

    /// - Returns: false when nobody is there to hear it.
    func send(over socket: Int32) -> Bool {
        let bytes =
            UInt32(truncatingIfNeeded: layers.landlockVersion).littleEndianBytes
            + [layers.hasSystemCallFilter ? 1 : 0]
        // write(2): the sandbox, closed by now, lets the server receive messages and send none.
        return write(socket, bytes, bytes.count) == bytes.count
    }
}

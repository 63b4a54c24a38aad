import Foundation
import Glibc

/// A server that runs on a `RegistryHome`. It is killed when a test lets go of it.
public final class RunningRegistry: Sendable {
    public let home: RegistryHome
    public let address: ServerAddress
    public let process: ChildProcess

    private static let startSeconds = 60

    /// Starts the built server and waits until it listens.
    ///
    /// - Parameter wrapper: a program that runs the server, with its arguments.
    /// - Throws: `StartFault` when it ends instead.
    public init(_ home: RegistryHome, runBy wrapper: [String] = []) async throws {
        self.home = home
        try? FileManager.default.removeItem(atPath: home.addressPath)
        let command =
            wrapper + [BuiltPrograms.pratique, "serve", "--address-file", home.addressPath] + home.arguments
        let process = try ChildProcess(
            command[0], Array(command.dropFirst()), environment: RegistryHome.environment, errors: home.logPath)
        self.process = process
        address = try await OwnThread.run { try Self.await(home, process) }
    }

    private static func await(_ home: RegistryHome, _ process: ChildProcess) throws -> ServerAddress {
        let changes = try FolderChanges(of: home.path)
        let end = ContinuousClock.now + .seconds(startSeconds)
        while ContinuousClock.now < end {
            let text = FileManager.default.contents(atPath: home.addressPath).map {
                String(decoding: $0, as: UTF8.self)
            }
            if let text, text.hasSuffix("\n") {
                guard let address = ServerAddress(url: String(text.dropLast())) else {
                    throw FixtureFault("not an address: \(text)")
                }
                return address
            }
            if let status = process.status { throw StartFault(status: status, log: home.log) }
            changes.wait(milliseconds: 20)
        }
        process.send(SIGKILL)
        throw FixtureFault("the server did not listen in \(startSeconds) s: \(home.log)")
    }

    /// Ends the server as a service manager does.
    @discardableResult
    public func stop() async throws -> ExitStatus {
        process.send(SIGTERM)
        return try await process.wait(atMost: .seconds(60))
    }

    /// Ends it without a word.
    public func kill() async {
        process.send(SIGKILL)
        await process.wait()
    }

    /// One request on a connection of its own. The service token is sent unless the request brings credentials.
    public func send(_ request: HTTPRequest, authorized: Bool = true) async throws -> HTTPResponse {
        var request = authorized ? request.authorized : request
        request.headers.append(("Connection", "close"))
        let (address, sent) = (address, request)
        let answer = try await OwnThread.run {
            let connection = try HTTPConnection(to: address)
            // A server may answer and close before it read everything.
            do { try connection.send(sent) } catch { return try connection.receive() }
            return try connection.receive(afterHead: sent.method == "HEAD")
        }
        return try answer.checked(against: home)
    }

    /// Bytes of memory that the server held at most so far.
    public func peakResidentBytes() throws -> Int {
        try number(after: "VmHWM:", in: "status") << 10
    }

    /// Bytes that the server has read from files and sockets so far.
    public func bytesRead() throws -> Int {
        try number(after: "rchar:", in: "io")
    }

    /// Sockets that the server has open: the one that it listens on, and one for each connection.
    public func openSockets() throws -> Int {
        let folder = "/proc/\(process.id)/fd"
        return try FileManager.default.contentsOfDirectory(atPath: folder).count { name in
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)"))?.hasPrefix("socket:")
                == true
        }
    }

    private func number(after label: String, in file: String) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(process.id)/\(file)", encoding: .utf8)
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(label) }),
            let number = line.split(whereSeparator: { !$0.isNumber }).first.flatMap({ Int($0) })
        else { throw FixtureFault("no \(label)") }
        return number
    }
}

/// The server ended instead of listening.
public struct StartFault: Error, CustomStringConvertible {
    public let status: ExitStatus
    public let log: String

    public var description: String { "the server ended with \(status): \(log)" }
}

/// Wakes a thread when something in a folder changes.
private struct FolderChanges: ~Copyable {
    private let number: Int32

    init(of path: String) throws {
        number = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        guard number >= 0, inotify_add_watch(number, path, UInt32(IN_MOVED_TO | IN_CREATE | IN_CLOSE_WRITE)) >= 0 else {
            throw FixtureFault("inotify: errno \(errno)")
        }
    }

    deinit { close(number) }

    func wait(milliseconds: Int32) {
        var poll = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        guard Glibc.poll(&poll, 1, milliseconds) == 1 else { return }
        var events = [UInt8](repeating: 0, count: 4_096)
        _ = read(number, &events, events.count)
    }
}

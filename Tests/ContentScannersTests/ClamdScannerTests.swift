import ContentScanners
import FileTestSupport
import Foundation
import Glibc
import LinuxFiles
import RegistryPorts
import Synchronization
import Testing

/// Speaks clamd's protocol on a socket (clamd(8), "COMMANDS"), and finds `EVIL`.
private final class FakeClamd: Sendable {
    enum Manner: Sendable {
        case proper, silent, closing, garbage
        case limited(Int)
    }

    let path: String
    private let directory: ScratchDirectory
    private let listener: Int32
    private let received = Mutex<[[UInt8]]>([])

    /// What came in streams so far.
    var streams: [[UInt8]] { received.withLock { $0 } }

    init(_ manner: Manner) throws {
        directory = try ScratchDirectory()
        path = directory.path + "/clamd.sock"
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        listener = number
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard number >= 0, bound == 0, listen(number, 8) == 0 else { throw CocoaError(.fileWriteUnknown) }
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = accept(number, nil, nil)
                guard connection >= 0 else { return }
                self?.serve(connection, manner)
                close(connection)
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func serve(_ connection: Int32, _ manner: Manner) {
        var command: [UInt8] = []
        while let byte = Self.take(1, connection)?.first, byte != 0 { command.append(byte) }
        guard String(decoding: command, as: UTF8.self) != "zVERSION" else {
            return Self.say("ClamAV 1.4.3/27500/Mon Jun  9 08:31:50 2025", connection)
        }
        switch manner {
        case .closing: return
        case .silent:
            _ = Self.take(.max, connection)
            return
        case .garbage: return Self.say("UNKNOWN COMMAND", connection)
        case .proper, .limited: break
        }
        var stream: [UInt8] = []
        while let head = Self.take(4, connection) {
            let length = head.reduce(0) { $0 << 8 | Int($1) }
            guard length > 0, let chunk = Self.take(length, connection) else { break }
            stream += chunk
            if case .limited(let limit) = manner, stream.count > limit {
                return Self.say("INSTREAM size limit exceeded. ERROR", connection)
            }
        }
        received.withLock { $0.append(stream) }
        let isEvil = String(decoding: stream, as: UTF8.self).contains("EVIL")
        Self.say(isEvil ? "stream: Test.Evil.UNOFFICIAL FOUND" : "stream: OK", connection)
    }

    private static func take(_ count: Int, _ connection: Int32) -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while bytes.count < count {
            let got = recv(connection, &buffer, min(buffer.count, count - bytes.count), 0)
            guard got > 0 else { return nil }
            bytes += buffer[..<got]
        }
        return bytes
    }

    private static func say(_ text: String, _ connection: Int32) {
        let bytes = Array(text.utf8) + [0]
        _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}

@Suite("ClamAV's daemon")
struct ClamdScannerTests {
    private static func scanner(
        _ daemon: FakeClamd, streamBytesMax: UInt64 = 1 << 20, timeoutSeconds: UInt64 = 30
    ) -> ClamdScanner {
        ClamdScanner(
            ClamdScanner.Configuration(
                name: "clamav", address: .socket(path: daemon.path), streamBytesMax: streamBytesMax,
                timeoutSeconds: timeoutSeconds, rulesPaths: []),
            pool: BlockingPool(threadsMax: 2, waitingMax: 16))
    }

    private static func isFailure(_ outcome: ScanOutcome) -> Bool {
        if case .failed = outcome { true } else { false }
    }

    @Test("What it finds is a threat, by its name; what it finds nothing in is clean")
    func found() async throws {
        let daemon = try FakeClamd(.proper)
        let content = (0..<700_000).map { UInt8(truncatingIfNeeded: $0) }
        let clean = await Self.scanner(daemon).scan(try ScratchFile(content), name: "a", parts: nil)
        #expect(clean == .completed([], withTensors: true))
        #expect(daemon.streams == [content])
        let bad = await Self.scanner(daemon).scan(try ScratchFile("some EVIL text"), name: "a", parts: nil)
        #expect(bad == .completed([ScanFinding(isThreat: true, title: "Test.Evil.UNOFFICIAL")], withTensors: true))
        let empty = await Self.scanner(daemon).scan(try ScratchFile(""), name: "a", parts: nil)
        #expect(empty == .completed([], withTensors: true))
    }

    @Test("It is known by its version and its database")
    func identity() async throws {
        let daemon = try FakeClamd(.proper)
        let identity = await Self.scanner(daemon).identity()
        #expect(
            identity
                == ScannerIdentity(
                    name: "clamav", version: "ClamAV 1.4.3", rules: "27500/Mon Jun  9 08:31:50 2025"))
    }

    @Test("What is larger than it takes goes without its tensors, or is said not to be scanned")
    func limits() async throws {
        let daemon = try FakeClamd(.limited(100))
        let file = try ScratchFile("EVIL" + String(repeating: "T", count: 200) + "tail")
        let parts: [Range<UInt64>] = [0..<4, 204..<208]
        let scanner = Self.scanner(daemon, streamBytesMax: 100)
        #expect(
            await scanner.scan(file, name: "a", parts: parts)
                == .completed([ScanFinding(isThreat: true, title: "Test.Evil.UNOFFICIAL")], withTensors: false))
        #expect(daemon.streams == [Array("EVILtail".utf8)])
        for scanner in [scanner, Self.scanner(daemon)] {
            guard case .notScanned = await scanner.scan(file, name: "a", parts: nil) else {
                Issue.record("It was scanned")
                continue
            }
        }
    }

    @Test("A daemon that is silent, closes, answers nonsense or is not there gives no answer")
    func failures() async throws {
        let file = try ScratchFile("hello")
        for manner in [FakeClamd.Manner.silent, .closing, .garbage] {
            let daemon = try FakeClamd(manner)
            let scanner = Self.scanner(daemon, timeoutSeconds: 1)
            #expect(Self.isFailure(await scanner.scan(file, name: "a", parts: nil)), "\(manner)")
        }
        let gone = ClamdScanner(
            ClamdScanner.Configuration(
                name: "gone", address: .socket(path: "/nowhere/clamd"), streamBytesMax: 1 << 20, timeoutSeconds: 1,
                rulesPaths: []), pool: BlockingPool(threadsMax: 1, waitingMax: 4))
        #expect(Self.isFailure(await gone.scan(file, name: "a", parts: nil)))
        #expect(await gone.identity() == nil)
    }
}

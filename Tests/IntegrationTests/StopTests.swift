import Foundation
import ServerFixture
import StrictJSON
import Testing

@Suite("Stopping")
struct StopTests {
    @Test("A server that is told to stop finishes the requests that it took")
    func inFlight() async throws {
        let home = try RegistryHome()
        let bytes = ModelFiles.largeGGUF(3, megabytes: 4)
        let target = "/v1/model/a/content?filename=a.gguf&sha256=\(sha256(bytes))"
        try await serverPermits.with {
            let registry = try await RunningRegistry(home)
            let address = registry.address
            let upload = try await OwnThread.run {
                let connection = try HTTPConnection(to: address)
                try connection.send(
                    HTTPRequest("PUT", target, headers: [("Content-Length", String(bytes.count))]).authorizedForTest)
                try connection.send(Array(bytes[..<2_500_000]))
                return connection
            }
            try await eventually {
                try await registry.send(HTTPRequest("HEAD", target))[header: "upload-offset"].flatMap { Int($0) } ?? 0
                    > 0
            }
            registry.process.send(15)
            // Nobody new is let in any more, and what was begun may end.
            try await eventually { (try? HTTPConnection(to: address).exchange(.get("/livez"))) == nil }
            try await OwnThread.run {
                try upload.send(Array(bytes[2_500_000...]))
                expect(try upload.receive(), 201)
            }
            #expect(try await registry.process.wait(atMost: .seconds(60)) == .exited(0))
        }
        try await withRegistry(home) { registry in
            let answer = try await registry.get("/v1/model/a")
            #expect(answer["sha256"] == sha256(bytes))
        }
    }

    @Test("Idle connections do not hold a stop up", arguments: [15, 2] as [Int32])
    func idleConnections(signal: Int32) async throws {
        try await serverPermits.with {
            let home = try RegistryHome()
            let registry = try await RunningRegistry(home)
            let address = registry.address
            let connections = try await OwnThread.run {
                try (0..<20).map { number in
                    let connection = try HTTPConnection(to: address)
                    if number % 2 == 0 { expect(try connection.exchange(.get("/livez")), 200) }
                    return connection
                }
            }
            let start = ContinuousClock.now
            registry.process.send(signal)
            #expect(try await registry.process.wait(atMost: .seconds(60)) == .exited(0))
            #expect(start.duration(to: .now) < .seconds(20))
            #expect(home.log.contains("\"stopped\""))
            _ = connections.count
        }
    }

    @Test("What was acknowledged before a stop is under the signed checkpoint afterwards")
    func signed() async throws {
        let home = try RegistryHome()
        let size: Int = try await withRegistry(home) { registry in
            for number in 0..<20 { try await registry.takeIn("m\(number)", ModelFiles.gguf(number)) }
            let events = try await registry.events()
            return events.count
        }
        let checkpoint = try String(contentsOfFile: home.checkpointPath, encoding: .utf8)
        #expect(checkpoint.split(separator: "\n").dropFirst().first == "\(size)")
    }
}

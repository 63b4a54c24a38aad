import FileTestSupport
import Foundation
import Glibc
import ServerFixture
import StrictJSON
import Testing

@Suite("The disk is full")
struct FullDiskTests {
    @Test(
        "A change that finds no room anywhere is refused as a whole, reading goes on, and it works once there is room",
        arguments: Operation.cases)
    func noRoomFrom(operation: Operation, layout: Artifact.Layout) async throws {
        try await drill(operation, layout, length: .max)
    }

    @Test(
        "A change of which one call finds no room is made or refused as a whole",
        arguments: Operation.cases)
    func noRoomOnce(operation: Operation, layout: Artifact.Layout) async throws {
        try await drill(operation, layout, length: 1)
    }

    @Test("An upload that finds no room is not kept, so that smaller ones find some")
    func upload() async throws {
        let home = try RegistryHome(["integrity_interval_seconds": "0"])
        let injector = try FaultInjector(store: home.directory)
        try await serverPermits.with {
            let registry = try await RunningRegistry(home, runBy: injector.command)
            let bytes = ModelFiles.largeGGUF(1, megabytes: 4)
            let target = "/v1/model/large/content?filename=large.gguf&sha256=\(sha256(bytes))"
            var request = HTTPRequest.put(target, bytes)
            request.headers.append(("Content-Range", "bytes 0-\(bytes.count - 1)/\(bytes.count)"))
            injector.arm(.fail(ENOSPC), at: [.writes], first: 2, length: .max)
            let answer = try await registry.send(request)
            #expect(injector.struck > 0)
            injector.disarm()
            #expect(answer.status == 507 && answer.code == "storage_full", "\(answer)")
            #expect(try await registry.get(target).code == "upload_not_found")
            #expect(try FileManager.default.contentsOfDirectory(atPath: home.directory + "/store/uploads").isEmpty)
            #expect(try await registry.send(request).status == 201)
            #expect(try await registry.stop() == .exited(0))
        }
    }

    @Test("A part that finds no room ends its upload, and leaves nothing of the parts before it")
    func part() async throws {
        let home = try RegistryHome(["integrity_interval_seconds": "0"])
        let injector = try FaultInjector(store: home.directory)
        try await serverPermits.with {
            let registry = try await RunningRegistry(home, runBy: injector.command)
            let bytes = ModelFiles.largeGGUF(1, megabytes: 4)
            let half = bytes.count / 2
            func part(_ range: Range<Int>, of location: String) -> HTTPRequest {
                let field = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(bytes.count)"
                return HTTPRequest("PATCH", location, headers: [("Content-Range", field)], body: Array(bytes[range]))
            }
            func begin() async throws -> String {
                let answer = try await registry.send(HTTPRequest("POST", "/v2/team/a/blobs/uploads/", body: []))
                return try #require(answer[header: "location"])
            }
            let location = try await begin()
            #expect(try await registry.send(part(half..<bytes.count, of: location)).status == 202)
            injector.arm(.fail(ENOSPC), at: [.writes], first: 1, length: .max)
            let answer = try await registry.send(part(0..<half, of: location))
            #expect(injector.struck > 0)
            injector.disarm()
            #expect(answer.status == 507, "\(answer)")
            #expect(try await registry.send(HTTPRequest("GET", location)).status == 404)
            #expect(try FileManager.default.contentsOfDirectory(atPath: home.directory + "/store/uploads").isEmpty)
            let again = try await begin()
            for range in [half..<bytes.count, 0..<half] {
                #expect(try await registry.send(part(range, of: again)).status == 202)
            }
            #expect(try await registry.send(.put("\(again)?digest=sha256:\(sha256(bytes))", [])).status == 201)
            #expect(try await registry.stop() == .exited(0))
        }
    }

    /// Has every call of a change find no room in turn, and all that follow it up to `length`.
    private func drill(_ operation: Operation, _ layout: Artifact.Layout, length: Int) async throws {
        let home = try RegistryHome(["integrity_interval_seconds": "0"])
        let injector = try FaultInjector(store: home.directory)
        try await serverPermits.with {
            let registry = try await RunningRegistry(home, runBy: injector.command)
            let other = Artifact(1_000_000)
            try await Operation.revoke.prepare(other, at: registry)
            var point = 0
            var isReached = true
            while isReached {
                point += 1
                try #require(point < 500)
                let artifact = Artifact(point, layout)
                try await operation.prepare(artifact, at: registry)
                injector.arm(.fail(ENOSPC), at: [.writes, .names], first: point, length: length)
                let answer = try await registry.send(operation.request(artifact))
                isReached = injector.struck > 0
                let comment = "\(operation) \(layout), point \(injector.points.last ?? "none")"
                // Reading goes on while there is no room.
                #expect(try await other.expectWhole(at: registry, comment) == "trusted")
                let state = try await registry.get("/v1/model/\(artifact.name)")["state"]
                injector.disarm()
                if answer.status < 300 {
                    #expect(state == operation.after, "\(comment): \(answer)")
                } else if answer.code == "internal_error", operation.withdraws {
                    // The change stands, and the answer does not say otherwise; the view goes later.
                    #expect(state == operation.after, "\(comment): \(answer)")
                    #expect(!answer.text.contains("Nothing was changed"), "\(comment): \(answer)")
                } else {
                    #expect(answer.status == 507 && answer.code == "storage_full", "\(comment): \(answer)")
                    #expect(state == operation.before, "\(comment): \(state ?? "absent")")
                }
                let repeated = try await registry.send(operation.request(artifact))
                #expect(repeated.status < 300, "\(comment): repeated: \(repeated)")
                #expect(try await artifact.expectWhole(at: registry, comment) == operation.after)
            }
            #expect(point > 5)
            #expect(try await registry.stop() == .exited(0))
        }
        try await home.requireClean()
    }

    @Test(
        "On a disk that is really full acquiring is refused, reading and taking trust away go on, and room heals it",
        .enabled(if: CuttableDisk.isPossible, "only root may mount a small disk"), arguments: ["ext4", "tmpfs"])
    func really(kind: String) async throws {
        let home = try RegistryHome(["integrity_interval_seconds": "0"])
        let bytes = 192 << 20
        if kind == "ext4" {
            try await withCuttableDisk(at: home.directory, bytes: bytes) { _ in try await Self.fillAndFree(home) }
        } else {
            try #require(mount("tmpfs", home.directory, "tmpfs", 0, "size=\(bytes),mode=0755") == 0)
            defer { umount2(home.directory, Int32(MNT_DETACH)) }
            try await Self.fillAndFree(home)
        }
    }

    private static func fillAndFree(_ home: RegistryHome) async throws {
        try await withRegistry(home) { registry in
            var random = SeededGenerator(4)
            for round in 0..<6 * FaultRounds.factor { try await fillAndFree(registry, round, &random) }
        }
    }

    private static func fillAndFree(
        _ registry: RunningRegistry, _ round: Int, _ random: inout SeededGenerator
    ) async throws {
        let comment = "seed \(FaultRounds.seed), round \(round)"
        let ballast = registry.home.directory + "/ballast"
        let kept = Artifact(round * 1_000, .directory)
        try await Operation.revoke.prepare(kept, at: registry)
        let aside = Artifact(round * 1_000 + 2)
        try await Operation.revoke.prepare(aside, at: registry)
        let new = Artifact(round * 1_000 + 1)
        try new.write(in: registry.home)
        let large = try registry.home.write(
            ModelFiles.largeGGUF(round, megabytes: 1), as: "incoming/large-\(round).gguf")
        // All but a few pages, so that the disk is full at another step each time.
        try fill(ballast, leaving: Int.random(in: 0..<64, using: &random) << 12)
        let refused = try await registry.acquire("large-\(round)", "incoming/large-\(round).gguf", large)
        #expect(refused.status == 507 && refused.code == "storage_full", "\(comment): \(refused)")
        #expect(try await registry.state(of: "large-\(round)") == nil, "\(comment)")
        let small = try await registry.send(new.acquisition)
        #expect(small.status == 201 || small.code == "storage_full", "\(comment): \(small)")
        #expect(try await kept.expectWhole(at: registry, comment) == "trusted")
        #expect(try await registry.get("/v1/models").status == 200)
        let quarantined = try await registry.post("/v1/model/quarantine?name=\(aside.name)", nil)
        #expect(quarantined.status == 200, "\(comment): \(quarantined)")
        #expect(try await registry.path(of: aside.name).status == 403, "\(comment)")
        let revoked = try await registry.revoke(kept.name)
        #expect(revoked.status == 200, "\(comment): \(revoked)")
        #expect(try await kept.expectWhole(at: registry, comment) == "revoked")
        try FileManager.default.removeItem(atPath: ballast)
        let healed = try await registry.acquire("large-\(round)", "incoming/large-\(round).gguf", large)
        #expect(healed.status == 201, "\(comment): \(healed)")
        #expect(try await registry.send(new.acquisition).status < 300, "\(comment)")
        // What it was to hold is not needed any more; the room of the reserve has to come back.
        try FileManager.default.removeItem(atPath: registry.home.directory + "/incoming")
        let reserve = registry.home.directory + "/store/reserve"
        try await registry.awaits("\(comment): the reserve is not made anew") {
            FileManager.default.fileExists(atPath: reserve)
        }
    }

    private static func fill(_ path: String, leaving rest: Int) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw FixtureFault("\(path): errno \(errno)") }
        defer { close(file) }
        let page = [UInt8](repeating: 0xA5, count: 4_096)
        var size = 0
        while true {
            let count = write(file, page, page.count)
            guard count > 0 else { break }
            size += count
        }
        guard errno == ENOSPC, ftruncate(file, off_t(max(0, size - rest))) == 0, fsync(file) == 0 else {
            throw FixtureFault("\(path): errno \(errno)")
        }
    }
}

import FileTestSupport
import Foundation
import Glibc
import ServerFixture
import StrictJSON
import Testing

/// What somebody with write access can do to a stored file.
enum Damage: String, CaseIterable, Sendable {
    case flipBit, truncate, extend, overwrite, replace, replaceBySymbolicLink, linkElsewhere, remove, directory, pipe

    /// - Parameter path: the file; links and copies are made beside it under other names.
    func apply(to path: String) throws {
        let files = FileManager.default
        let bytes = Array(try #require(files.contents(atPath: path)))
        let aside = path + ".aside"
        switch self {
        case .flipBit:
            var changed = bytes
            changed[changed.count * 2 / 3] ^= 0x10
            try Self.write(changed, over: path)
        case .truncate: try #require(Glibc.truncate(path, off_t(bytes.count - 1)) == 0)
        case .extend: try Self.write(bytes + [0], over: path)
        case .overwrite: try Self.write(bytes.map { ~$0 }, over: path)
        case .replace:
            try #require(files.createFile(atPath: aside, contents: Data(bytes.reversed())))
            try #require(rename(aside, path) == 0)
        case .replaceBySymbolicLink:
            // The right bytes, and still no file of ours.
            try #require(rename(path, aside) == 0 && symlink(aside, path) == 0)
        case .linkElsewhere: try #require(link(path, aside) == 0)
        case .remove: try #require(unlink(path) == 0)
        case .directory: try #require(unlink(path) == 0 && mkdir(path, 0o700) == 0)
        case .pipe: try #require(unlink(path) == 0 && mkfifo(path, 0o600) == 0)
        }
    }

    private static func write(_ bytes: [UInt8], over path: String) throws {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        try #require(file >= 0)
        defer { close(file) }
        try #require(pwrite(file, bytes, bytes.count, 0) == bytes.count)
    }
}

@Suite("Tampered files")
struct BlobTamperingTests {
    @Test(
        "A stored file that was touched is not served, not by a server that runs nor by one that starts",
        arguments: Damage.allCases, [true, false])
    func blob(damage: Damage, whileRunning: Bool) async throws {
        let home = try RegistryHome(["integrity_interval_seconds": "0"])
        let (bad, good) = (Artifact(1), Artifact(2, .directory))
        let path = home.blobPath(sha256(bad.files[0].bytes))
        try await withRegistry(home, leavesDamage: true) { registry in
            for artifact in [bad, good] { try await Operation.revoke.prepare(artifact, at: registry) }
            #expect(try await registry.path(of: bad.name).status == 200)
            guard whileRunning else { return }
            try damage.apply(to: path)
            try await Self.expectDamageFound(at: registry, bad, good, damage)
        }
        guard !whileRunning else { return }
        try damage.apply(to: path)
        let report = try await home.fsck()
        #expect(report.isBad && !Set(report.codes).isDisjoint(with: ["blob-damaged", "blob-missing"]), "\(report)")
        try await withRegistry(home, leavesDamage: true) { registry in
            try await Self.expectDamageFound(at: registry, bad, good, damage)
        }
    }

    private static func expectDamageFound(
        at registry: RunningRegistry, _ bad: Artifact, _ good: Artifact, _ damage: Damage
    ) async throws {
        let answer = try await registry.path(of: bad.name)
        #expect(answer.status == 409 && answer.code == "integrity_failed", "\(damage): \(answer)")
        #expect(try await registry.state(of: bad.name) == "quarantined", "\(damage)")
        #expect(!FileManager.default.fileExists(atPath: "\(registry.home.directory)/trusted/\(bad.name)"), "\(damage)")
        #expect(try await good.expectWhole(at: registry, "\(damage)") == "trusted")
    }

    @Test(
        "A view that was touched is not handed out as it is",
        arguments: [Damage.replace, .replaceBySymbolicLink, .remove, .directory, .pipe], [true, false])
    func view(damage: Damage, whileRunning: Bool) async throws {
        let home = try RegistryHome(["integrity_interval_seconds": "0"])
        let artifact = Artifact(1)
        let path = "\(home.directory)/trusted/\(artifact.name)/\(artifact.files[0].path)"
        try await withRegistry(home, leavesDamage: true) { registry in
            try await Operation.revoke.prepare(artifact, at: registry)
            guard whileRunning else { return }
            try damage.apply(to: path)
            try await Self.expectRightView(path, artifact, registry, damage)
        }
        guard !whileRunning else { return }
        try damage.apply(to: path)
        #expect(try await home.fsck().codes.contains("view-missing"), "\(damage)")
        try await withRegistry(home, leavesDamage: true) { registry in
            try await Self.expectRightView(path, artifact, registry, damage)
        }
    }

    private static func expectRightView(
        _ path: String, _ artifact: Artifact, _ registry: RunningRegistry, _ damage: Damage
    ) async throws {
        let answer = try await registry.path(of: artifact.name)
        guard answer.status == 200 else { return }
        var status = stat()
        #expect(lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG, "\(damage): \(answer)")
        #expect(FileManager.default.contents(atPath: path).map(Array.init) == artifact.files[0].bytes, "\(damage)")
    }
}

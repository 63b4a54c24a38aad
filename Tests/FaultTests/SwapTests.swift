import FileTestSupport
import Foundation
import Glibc
import ServerFixture
import StrictJSON
import Testing

/// What happens to a source while it is taken in.
enum Swap: String, CaseIterable, Sendable {
    case rename, hardLink, symbolicLink, truncation, mapping, folder

    /// Changes the file at `path` once and back.
    ///
    /// - Parameters:
    ///   - good, evil: files of the same size beside it: what was announced, and what was not.
    ///   - outside: a folder that no registry may read, with a file of the same name.
    func run(_ path: String, good: String, evil: String, outside: String) {
        let aside = path + ".aside"
        switch self {
        case .rename:
            copy(evil, to: aside)
            Glibc.rename(aside, path)
            copy(good, to: aside)
            Glibc.rename(aside, path)
        case .hardLink:
            link(outside + "/secret", aside)
            Glibc.rename(aside, path)
            copy(good, to: aside)
            Glibc.rename(aside, path)
        case .symbolicLink:
            symlink(outside + "/secret", aside)
            Glibc.rename(aside, path)
            copy(good, to: aside)
            Glibc.rename(aside, path)
        case .truncation:
            truncate(path, 100)
            copy(good, to: path)
        case .mapping: writeThroughMapping(path)
        case .folder:
            let folder = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
            Glibc.rename(folder, folder + ".aside")
            symlink(outside, folder)
            unlink(folder)
            Glibc.rename(folder + ".aside", folder)
        }
    }

    private func copy(_ from: String, to path: String) {
        guard let bytes = FileManager.default.contents(atPath: from) else { return }
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        defer { close(file) }
        _ = bytes.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) }
    }

    /// Turns the last page over and back, as a process does that has the file mapped.
    private func writeThroughMapping(_ path: String) {
        let file = open(path, O_RDWR | O_CLOEXEC)
        guard file >= 0 else { return }
        defer { close(file) }
        var status = stat()
        let length = 4_096
        guard fstat(file, &status) == 0, status.st_size > 2 * length,
            let page = mmap(
                nil, length, PROT_READ | PROT_WRITE, MAP_SHARED, file, off_t(Int(status.st_size) / length - 1) * 4_096),
            page != MAP_FAILED
        else { return }
        defer { munmap(page, length) }
        let bytes = page.bindMemory(to: UInt8.self, capacity: length)
        for _ in 0..<2 {
            for index in 0..<length { bytes[index] = ~bytes[index] }
        }
    }
}

@Suite("A source that changes while it is taken in")
struct SwapTests {
    private static let refusals: Set = [
        "source_refused", "source_changed", "source_not_found", "digest_mismatch", "size_mismatch", "artifact_exists",
    ]
    /// Attempts after which a swap that never came in time is no luck any more.
    private static let roundsMax = 6_000
    private static let good = ModelFiles.largeGGUF(1, megabytes: 1)
    private static let evil = ModelFiles.largeGGUF(2, megabytes: 1)
    private static let secret = Array("SECRET".utf8) + ModelFiles.largeGGUF(3, megabytes: 1).dropFirst(6)

    @Test("Only announced bytes are taken in, and nothing from elsewhere", arguments: Swap.allCases)
    func file(swap: Swap) async throws {
        let digest = sha256(Self.good)
        try await race(swap) { registry, number in
            let answer = try await registry.acquire("m\(number)", "in/model.gguf", digest)
            guard answer.status == 201 else { return answer }
            #expect(answer["sha256"] == digest, "\(answer)")
            let stored = FileManager.default.contents(atPath: registry.home.blobPath(digest)).map(Array.init)
            #expect(stored == Self.good)
            return answer
        }
    }

    @Test("Of a directory nothing is taken in that lies elsewhere, and what is taken in is what was hashed")
    func directory() async throws {
        for swap in [Swap.symbolicLink, .folder, .hardLink] {
            try await race(swap) { registry, number in
                try await registry.acquire("m\(number)", "in", nil)
            }
        }
    }

    /// Takes in again and again while another thread swaps.
    private func race(
        _ swap: Swap, _ acquire: (RunningRegistry, Int) async throws -> HTTPResponse
    ) async throws {
        let outside = try ScratchDirectory()
        try outside.write(Self.secret, as: "secret")
        try outside.write(Self.secret, as: "model.gguf")
        // The server stops in good order and `fsck --deep` hashes every stored file.
        try await withRegistry { registry in
            let (root, outsidePath) = (registry.home.directory, outside.path)
            try registry.home.write(Self.good, as: "in/model.gguf")
            let good = root + "/good"
            try registry.home.write(Self.good, as: "good")
            try registry.home.write(Self.evil, as: "evil")
            let isDone = Shared(false)
            async let swapping: Void = OwnThread.run {
                while !isDone.value {
                    swap.run(root + "/in/model.gguf", good: good, evil: root + "/evil", outside: outsidePath)
                }
            }
            var codes: [String: Int] = [:]
            do {
                // On a busy machine the other thread may not get its turn for a while.
                var number = 0
                while number < 60 * FaultRounds.factor || (Set(codes.keys) == ["201"] && number < Self.roundsMax) {
                    let answer = try await acquire(registry, number)
                    codes[answer.code ?? "\(answer.status)", default: 0] += 1
                    number += 1
                }
            } catch {
                isDone.change { $0 = true }
                throw error
            }
            isDone.change { $0 = true }
            try await swapping
            #expect(Set(codes.keys).isSubset(of: Self.refusals.union(["201"])), "\(swap): \(codes)")
            #expect(Set(codes.keys) != ["201"], "\(swap): nothing was swapped in time: \(codes)")
            let stolen = registry.home.blobPath(sha256(Self.secret))
            #expect(!FileManager.default.fileExists(atPath: stolen), "\(swap)")
            #expect(!registry.home.log.contains("SECRET"))
        }
    }
}

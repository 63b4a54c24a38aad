import FileTestSupport
import Glibc
import LinuxFiles
import Testing

@Suite("A name that changes while we look never leads outside")
struct SwapRaceTests {
    private static let inside = Array("inside".utf8)
    private static let secret = Array("secret".utf8)

    /// Runs `swap` on a thread until `body` is done.
    private func whileSwapping(_ swap: @escaping @Sendable () -> Void, _ body: () throws -> Void) async throws {
        let pool = BlockingPool(threadsMax: 1, waitingMax: 1)
        let flag = CancellationFlag()
        async let swapping: Void = pool.run { () throws(FileFault) in
            while !flag.isCancelled { swap() }
        }
        do {
            try body()
            flag.cancel()
            try await swapping
        } catch {
            flag.cancel()
            throw error
        }
    }

    @Test("A file swapped for a link: every open gives the file or a refusal")
    func fileForLink() async throws {
        let scratch = try ScratchDirectory()
        let outside = try ScratchDirectory()
        let secretPath = try outside.write(Self.secret, as: "secret")
        let path = scratch.path
        try scratch.write(Self.inside, as: "kept")
        var seen: [FileFault.Kind?: Int] = [:]
        var wrong = 0
        try await whileSwapping({
            unlink("\(path)/name")
            link("\(path)/kept", "\(path)/name")
            symlink(secretPath, "\(path)/other")
            rename("\(path)/other", "\(path)/name")
        }) {
            for _ in 0..<20_000 {
                do throws(FileFault) {
                    let bytes = try scratch.directory.openFile("name").readAll(bytesMax: 64)
                    if bytes != Self.inside { wrong += 1 }
                    seen[nil, default: 0] += 1
                } catch {
                    seen[error.kind, default: 0] += 1
                }
            }
        }
        #expect(wrong == 0)
        #expect(Set(seen.keys).isSubset(of: [nil, .escapes, .notFound]), "\(seen)")
    }

    @Test("A directory on the way swapped for a link: every open gives the file or a refusal")
    func directoryForLink() async throws {
        let scratch = try ScratchDirectory()
        let outside = try ScratchDirectory()
        try outside.write(Self.secret, as: "file")
        let (path, outsidePath) = (scratch.path, outside.path)
        try scratch.directory.makeDirectory("way", permissions: 0o700).createFile("file", permissions: 0o600)
            .write(Self.inside, at: 0)
        var seen: [FileFault.Kind?: Int] = [:]
        var wrong = 0
        try await whileSwapping({
            rename("\(path)/way", "\(path)/aside")
            symlink(outsidePath, "\(path)/way")
            unlink("\(path)/way")
            rename("\(path)/aside", "\(path)/way")
        }) {
            for _ in 0..<20_000 {
                do throws(FileFault) {
                    let bytes = try scratch.directory.openFile("way/file").readAll(bytesMax: 64)
                    if bytes != Self.inside { wrong += 1 }
                    seen[nil, default: 0] += 1
                } catch {
                    seen[error.kind, default: 0] += 1
                }
            }
        }
        #expect(wrong == 0)
        #expect(Set(seen.keys).isSubset(of: [nil, .escapes, .notFound]), "\(seen)")
    }
}

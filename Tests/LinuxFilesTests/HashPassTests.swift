import Crypto
import FileTestSupport
import LinuxFiles
import Testing

@Suite("One read, many digests")
struct HashPassTests {
    let scratch: ScratchDirectory
    private static let mebibyte = 1 << 20

    init() throws {
        scratch = try ScratchDirectory()
    }

    private func sha256(_ bytes: some Collection<UInt8>) -> [UInt8] {
        Array(SHA256.hash(data: Array(bytes)))
    }

    private func range(_ offset: Int, _ length: Int) throws -> ByteRange {
        try #require(ByteRange(offset: Int64(offset), length: Int64(length)))
    }

    @Test(
        "The digest of the whole file is right at every boundary, however the work is spread",
        arguments: [0, 1, mebibyte - 1, mebibyte, mebibyte + 1, 2 * mebibyte, 5 * mebibyte + 77], [false, true])
    func wholeFile(size: Int, readsAhead: Bool) throws {
        let bytes = patternedBytes(size)
        try scratch.write(bytes, as: "file")
        var request = HashRequest()
        request.readsAhead = readsAhead
        let hashed = Shared<Int64>(0)
        request.progress = { done in hashed.change { $0 = done } }
        let result = try HashPass.run(over: scratch.directory.openFile("file"), request)
        #expect(result.digest == sha256(bytes))
        #expect(result.size == Int64(size))
        #expect(hashed.value == Int64(size))
    }

    @Test("A file is hashed with SHA-512 where that is asked for, its ranges with SHA-256", arguments: [0, 5, 3 << 20])
    func otherAlgorithm(size: Int) throws {
        let bytes = patternedBytes(size)
        try scratch.write(bytes, as: "file")
        var request = HashRequest()
        request.algorithm = .sha512
        request.ranges = [try range(0, size)]
        let result = try HashPass.run(over: scratch.directory.openFile("file"), request)
        #expect(result.digest == Array(SHA512.hash(data: bytes)))
        #expect(result.rangeDigests == [sha256(bytes)])
    }

    @Test("A hash that was copied goes on by itself", arguments: HashAlgorithm.allCases)
    func copiedHash(algorithm: HashAlgorithm) {
        var first = RunningHash(algorithm)
        first.update([1, 2])
        var second = first
        second.update([3])
        first.update([4])
        let contents: [[UInt8]] = [[1, 2, 4], [1, 2, 3]]
        let digests = contents.map { bytes -> [UInt8] in
            switch algorithm {
            case .sha256: Array(SHA256.hash(data: bytes))
            case .sha512: Array(SHA512.hash(data: bytes))
            }
        }
        #expect([first.digest(), second.digest()] == digests)
        #expect(first.algorithm == algorithm)
    }

    @Test(
        "Buffers are written and read at any offset, past the cache or through it",
        arguments: [0, 1, 4_095, 4_096, 12_288], [1, 4_096, 5_000, 65_536])
    func buffers(offset: Int, count: Int) throws {
        let bytes = patternedBytes(count)
        let file = try scratch.directory.createFile("file", permissions: 0o600)
        let buffer = AlignedBuffer(capacity: 65_000)
        #expect(buffer.capacity == 65_536)
        func append(upTo countMax: Int) -> Int {
            bytes.withUnsafeBytes { bytes in buffer.append(bytes, upTo: countMax) }
        }
        #expect(append(upTo: .max) == count)
        #expect(append(upTo: count) == 0)
        try file.write(buffer, at: Int64(offset))
        #expect(try file.readAll(bytesMax: 1 << 20) == [UInt8](repeating: 0, count: offset) + bytes)
        #expect(try file.read(buffer, at: Int64(offset)) == count)
        #expect(Array(buffer.bytes) == bytes)
        #expect(try file.read(buffer, at: Int64(offset + count)) == 0)
        #expect(buffer.bytes.isEmpty)
        buffer.removeAll()
        #expect(append(upTo: 10) == min(10, count))
    }

    @Test(
        "Ranges that touch, overlap, nest, repeat or are empty each get their digest, in the order asked for",
        arguments: [700, 9 * mebibyte + 123], [false, true])
    func ranges(size: Int, copies: Bool) throws {
        let bytes = patternedBytes(size)
        try scratch.write(bytes, as: "file")
        let half = size / 2
        let bounds = [
            (half, size - half), (0, half), (0, size), (10, size - 20), (10, 0), (11, 1), (size, 0), (size - 1, 1),
            (half - 3, 6), (0, half), (100, 50), (150, 50),
        ]
        var request = HashRequest()
        request.ranges = try bounds.map { try range($0.0, $0.1) }
        let copy = try scratch.directory.createFile("copy", permissions: 0o600)
        if copies { request.copy = copy }
        let result = try HashPass.run(over: scratch.directory.openFile("file"), request)
        #expect(result.digest == sha256(bytes))
        #expect(result.rangeDigests == bounds.map { sha256(bytes[$0.0..<$0.0 + $0.1]) })
        if copies { #expect(try copy.readAll(bytesMax: size) == bytes) }
    }

    @Test(
        "Reading past the page cache gives the same digests, also of what was just written",
        arguments: [0, 1, 4_095, mebibyte, 2 * mebibyte + 1, 9 * mebibyte + 4_097], [false, true])
    func pastTheCache(size: Int, withRanges: Bool) throws {
        let bytes = patternedBytes(size)
        try scratch.write(bytes, as: "file")
        let file = try scratch.directory.openFile("file")
        var request = HashRequest()
        request.bypassesCache = true
        let half = size / 2
        if withRanges { request.ranges = [try range(half, size - half), try range(0, half)] }
        let result = try HashPass.run(over: file, request)
        #expect(result.digest == sha256(bytes))
        if withRanges { #expect(result.rangeDigests == [sha256(bytes[half...]), sha256(bytes[..<half])]) }
        // Reads of any length at any place work again.
        #expect(try file.readAll(bytesMax: size) == bytes)
    }

    @Test("Many small ranges across chunk boundaries")
    func manyRanges() throws {
        let size = 3 * Self.mebibyte + 5
        let bytes = patternedBytes(size)
        try scratch.write(bytes, as: "file")
        let step = 4_099
        let starts = stride(from: 0, to: size, by: step)
        var request = HashRequest()
        request.ranges = try starts.map { try range($0, min(step, size - $0)) }
        let result = try HashPass.run(over: scratch.directory.openFile("file"), request)
        #expect(result.rangeDigests == starts.map { sha256(bytes[$0..<min($0 + step, size)]) })
    }

    @Test("A copy has the bytes that were hashed", arguments: [0, 1, 3 * mebibyte, 6 * mebibyte + 1])
    func copies(size: Int) throws {
        let bytes = patternedBytes(size)
        try scratch.write(bytes, as: "file")
        var request = HashRequest()
        let copy = try scratch.directory.temporaryFile(permissions: 0o600)
        request.copy = copy
        let result = try HashPass.run(over: scratch.directory.openFile("file"), request)
        #expect(try sha256(copy.readAll(bytesMax: size)) == result.digest)
    }

    @Test("Ranges beyond the file or overlapping without measure are refused")
    func boundsRanges() throws {
        try scratch.write(patternedBytes(1_000), as: "file")
        let file = try scratch.directory.openFile("file")
        func kind(_ ranges: [ByteRange], _ adjust: (inout HashRequest.Limits) -> Void = { _ in }) -> FileFault.Kind? {
            var request = HashRequest()
            request.ranges = ranges
            adjust(&request.limits)
            return faultKind { () throws(FileFault) in _ = try HashPass.run(over: file, request) }
        }
        #expect(kind([try range(1_000, 1)]) == .limitExceeded)
        #expect(kind([try range(0, Int.max)]) == .limitExceeded)
        #expect(kind(Array(repeating: try range(0, 1_000), count: 4)) == nil)
        #expect(kind(Array(repeating: try range(0, 1_000), count: 5)) == .limitExceeded)
        #expect(kind([try range(0, 1), try range(1, 1)]) { $0.rangesMax = 1 } == .limitExceeded)
        #expect(ByteRange(offset: 1, length: .max) == nil)
        #expect(ByteRange(offset: -1, length: 1) == nil)
        #expect(ByteRange(offset: 1, length: -1) == nil)
    }

    @Test("More ranges open at a time than allowed stop the pass")
    func boundsOpenRanges() throws {
        let size = 2 * Self.mebibyte
        try scratch.write(patternedBytes(size), as: "file")
        var request = HashRequest()
        // Each crosses the boundary between the two chunks.
        request.ranges = try (0..<3).map { try range(Self.mebibyte - 1 - $0, 10) }
        request.limits.overlappingRangesMax = 2
        #expect(
            faultKind { () throws(FileFault) in
                _ = try HashPass.run(over: scratch.directory.openFile("file"), request)
            } == .limitExceeded)
    }

    @Test(
        "A file that is changed under way is reported and not digested",
        arguments: [Int64(6 << 20), 9 << 20, 0], [false, true])
    func noticesChanges(newSize: Int64, withRanges: Bool) throws {
        let size = 8 * Self.mebibyte
        try scratch.write(patternedBytes(size), as: "file")
        let writer = try scratch.directory.openFileForWriting("file")
        var request = HashRequest()
        if withRanges { request.ranges = [try range(0, size)] }
        request.progress = { done in if done == 1 << 20 { try? writer.truncate(to: newSize) } }
        #expect(
            faultKind { () throws(FileFault) in
                _ = try HashPass.run(over: scratch.directory.openFile("file"), request)
            } == .changed)
    }

    @Test("Bytes written in place under way are noticed by the time of writing")
    func noticesRewrites() throws {
        try scratch.write(patternedBytes(4 * Self.mebibyte), as: "file")
        let writer = try scratch.directory.openFileForWriting("file")
        var request = HashRequest()
        request.progress = { done in if done == 1 << 20 { try? writer.write([1, 2, 3], at: 0) } }
        #expect(
            faultKind { () throws(FileFault) in
                _ = try HashPass.run(over: scratch.directory.openFile("file"), request)
            } == .changed)
    }

    @Test("A cancelled pass ends early", arguments: [false, true])
    func cancels(readsAhead: Bool) throws {
        try scratch.write(patternedBytes(32 * Self.mebibyte), as: "file")
        let flag = CancellationFlag()
        let hashed = Shared<Int64>(0)
        var request = HashRequest()
        request.readsAhead = readsAhead
        request.cancellation = flag
        request.progress = { done in
            hashed.change { $0 = done }
            if done == 2 << 20 { flag.cancel() }
        }
        #expect(
            faultKind { () throws(FileFault) in
                _ = try HashPass.run(over: scratch.directory.openFile("file"), request)
            } == .cancelled)
        #expect(hashed.value <= 8 << 20)
    }

    @Test(
        "A full disk under the copy ends the pass with its cause",
        .enabled(if: ScratchDirectory.canMount, "only root may mount"))
    func copyWithoutRoom() throws {
        let small = try ScratchDirectory(mountingBytes: Self.mebibyte)
        try scratch.write(patternedBytes(8 * Self.mebibyte), as: "file")
        var request = HashRequest()
        request.copy = try small.directory.temporaryFile(permissions: 0o600)
        #expect(
            faultKind { () throws(FileFault) in
                _ = try HashPass.run(over: scratch.directory.openFile("file"), request)
            } == .noSpace)
    }

    @Test("Only regular files are hashed")
    func refusesPipes() throws {
        let pipe = try FileDescriptor.pipe()
        #expect(faultKind { () throws(FileFault) in _ = try HashPass.run(over: pipe.reading) } == .notRegular)
    }
}

import Crypto
import Glibc

/// A model file of our own making: a real header, and weights that no program could use.
struct ModelFile: Sendable {
    let path: String
    let sizeBytes: UInt64

    /// A GGUF with a llama's tensors in Q4_K, and a vocabulary.
    static func gguf(at path: String, bytes: UInt64, seed: UInt64) throws(BenchFault) -> ModelFile {
        let shape = ModelShape(bytes: bytes, size: GGUFHeader.size)
        let header = GGUFHeader(shape)
        var file = try ModelFileWriter(path: path, seed: seed)
        try file.write(header.bytes)
        for tensor in shape.tensors { try file.writeFiller(GGUFHeader.size(of: tensor)) }
        try file.sync()
        return ModelFile(path: path, sizeBytes: file.offset)
    }

    /// A safetensors file with a llama's tensors in BF16.
    static func safetensors(at path: String, bytes: UInt64, seed: UInt64) throws(BenchFault) -> ModelFile {
        let shape = ModelShape(bytes: bytes, size: SafetensorsHeader.size)
        var file = try ModelFileWriter(path: path, seed: seed)
        try file.write(SafetensorsHeader.bytes(shape))
        for tensor in shape.tensors { try file.writeFiller(SafetensorsHeader.size(of: tensor)) }
        try file.sync()
        return ModelFile(path: path, sizeBytes: file.offset)
    }

    /// A GGUF whose only tensor is a hole in the file.
    ///
    /// - Returns: the file and its SHA-256, worked out without reading the hole.
    static func sparse(at path: String, bytes: UInt64) throws(BenchFault) -> (ModelFile, digest: String) {
        let header = GGUFHeader.ofOneTensor(elements: bytes)
        var file = try ModelFileWriter(path: path, seed: 0)
        try file.write(header)
        try file.skip(bytes)
        var hash = SHA256()
        hash.update(data: header)
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        var left = bytes
        while left > 0 {
            let count = min(left, UInt64(zeros.count))
            zeros.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<Int(count)])) }
            left -= count
        }
        return (ModelFile(path: path, sizeBytes: file.offset), hash.finalize().hexadecimal)
    }

    /// A GGUF in Q4_K whose scales are those of weights: random ones would be infinite here and there.
    static func weights(at path: String, bytes: UInt64) throws(BenchFault) -> ModelFile {
        let (blockBytes, blocksInPiece, tensors) = (144, UInt64(65_536), 16)
        let pieces = max(1, bytes / UInt64(tensors * blockBytes) / blocksInPiece)
        var file = try ModelFileWriter(path: path, seed: 6)
        try file.write(GGUFHeader.ofQuantized(tensors: tensors, elements: pieces * blocksInPiece * 256))
        var random = SystemRandomNumberGenerator()
        var piece = (0..<Int(blocksInPiece) * blockBytes).map { _ in UInt8.random(in: 0...255, using: &random) }
        // `d` and `dmin`, as half precision, of a few thousandths.
        for block in 0..<Int(blocksInPiece) {
            piece[block * blockBytes + 1] = 0x1C
            piece[block * blockBytes + 3] = 0x18
        }
        for _ in 0..<tensors * Int(pieces) { try file.write(piece) }
        try file.sync()
        return ModelFile(path: path, sizeBytes: file.offset)
    }

    /// A GGUF of a few hundred bytes, different for each number.
    static func tiny(_ number: Int) -> [UInt8] {
        GGUFHeader.ofOneTensor(elements: 32, name: "tiny \(number)") + [UInt8](repeating: 1, count: 32)
    }

    /// Makes other bytes of it: the same file is never taken in twice.
    func alter(_ number: UInt64) throws(BenchFault) {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { throw .system("open \(path)") }
        defer { close(file) }
        var value = number
        guard pwrite(file, &value, 8, Int(sizeBytes) - 4_096) == 8, fsync(file) == 0 else {
            throw .system("pwrite \(path)")
        }
    }
}

/// Writes a header and then filler, fast.
struct ModelFileWriter: ~Copyable {
    private static let pieceBytes = 8 << 20

    private let file: Int32
    private var filler: [UInt64]
    private(set) var offset: UInt64 = 0

    init(path: String, seed: UInt64) throws(BenchFault) {
        file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw .system("open \(path)") }
        var state = seed &+ 0x9E37_79B9_7F4A_7C15
        filler = (0..<Self.pieceBytes / 8).map { _ in
            // SplitMix64: no block of the file is like another to a file system that compresses.
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    deinit { close(file) }

    mutating func write(_ bytes: [UInt8]) throws(BenchFault) {
        try bytes.withUnsafeBufferPointer { buffer throws(BenchFault) in try write(UnsafeRawBufferPointer(buffer)) }
    }

    mutating func writeFiller(_ bytes: UInt64) throws(BenchFault) {
        var left = bytes
        while left > 0 {
            let count = min(left, UInt64(Self.pieceBytes))
            filler[0] = offset
            // A copy of the reference, not of the bytes.
            let piece = filler
            try piece.withUnsafeBufferPointer { buffer throws(BenchFault) in
                try write(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<Int(count)]))
            }
            left -= count
        }
    }

    /// Writes to the disk what would otherwise be written while something is measured.
    func sync() throws(BenchFault) {
        guard fsync(file) == 0 else { throw .system("fsync") }
    }

    /// Leaves a hole.
    mutating func skip(_ bytes: UInt64) throws(BenchFault) {
        offset += bytes
        guard ftruncate(file, Int(offset)) == 0 else { throw .system("ftruncate") }
    }

    private mutating func write(_ bytes: UnsafeRawBufferPointer) throws(BenchFault) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest)
            let count = pwrite(file, piece.baseAddress, piece.count, Int(offset))
            guard count > 0 else { throw .system("pwrite") }
            rest = rest.dropFirst(count)
            offset += UInt64(count)
        }
    }
}

extension SHA256.Digest {
    /// In lower case.
    var hexadecimal: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

internal import SignatureKeys

/// Why a proof file is refused.
public enum LogProofFault: Error, Sendable, Hashable {
    /// Larger than `LogProof.bytesMax` or not UTF-8.
    case unreadable

    /// Counted from 0.
    case malformedLine(Int)

    /// The checkpoint is malformed, of another log, or not signed by a known key.
    case checkpoint(CheckpointFault)

    /// The leaf is not in the checkpointed tree at this place.
    case inclusion(ProofVerificationFault)
}

/// A file that proves offline that an entry is in a log (C2SP tlog-proof, `.tlog-proof`).
///
/// Holds the position, the inclusion path and the signed checkpoint. Nothing in it is trusted before `verify` returns.
public struct LogProof: Sendable, Hashable {
    /// Opaque data that an application may add. Never authenticated.
    public let extra: [UInt8]?
    public let leafIndex: UInt64

    /// From the leaf's sibling up to the root's child.
    public let path: [LogHash]

    /// The signed checkpoint as the log served it.
    public let checkpoint: SignedNote

    /// Largest file that is read.
    public static let bytesMax = SignedNote.bytesMax + (64 << 10)

    /// Longest inclusion path of any tree.
    public static let pathMax = 64

    public init(extra: [UInt8]? = nil, leafIndex: UInt64, path: [LogHash], checkpoint: SignedNote) {
        self.extra = extra
        self.leafIndex = leafIndex
        self.path = path
        self.checkpoint = checkpoint
    }

    /// Parses a proof file.
    public init(parsing bytes: [UInt8]) throws(LogProofFault) {
        guard bytes.count <= Self.bytesMax, let text = String(validating: bytes, as: UTF8.self) else {
            throw .unreadable
        }
        guard let blank = text.firstRange(of: "\n\n") else { throw .unreadable }
        var header = text[..<blank.lowerBound].split(separator: "\n", omittingEmptySubsequences: false)[...]
        guard let line = header.popFirst(), line == Self.firstLine else { throw .malformedLine(0) }

        var extra: [UInt8]?
        if let line = header.first, line.hasPrefix("extra ") {
            extra = Base64.decode(line.dropFirst("extra ".count).utf8)
            guard extra != nil else { throw .malformedLine(header.startIndex) }
            header.removeFirst()
        }
        let indexLine = header.startIndex
        guard let line = header.popFirst(), line.hasPrefix("index "),
            let leafIndex = UInt64(canonicalDecimal: line.dropFirst("index ".count))
        else { throw .malformedLine(indexLine) }

        guard header.count <= Self.pathMax else { throw .malformedLine(header.startIndex + Self.pathMax) }
        var path: [LogHash] = []
        for (number, line) in zip(header.indices, header) {
            guard let hash = LogHash(base64: line) else { throw .malformedLine(number) }
            path.append(hash)
        }
        do {
            checkpoint = try SignedNote(parsing: Array(text[blank.upperBound...].utf8))
        } catch {
            throw .checkpoint(.note(error))
        }
        self.extra = extra
        self.leafIndex = leafIndex
        self.path = path
    }

    /// The file's bytes.
    public var encoded: [UInt8] {
        var header = Self.firstLine + "\n"
        if let extra { header += "extra \(Base64.encode(extra))\n" }
        header += "index \(leafIndex)\n"
        for hash in path { header += hash.base64 + "\n" }
        return Array((header + "\n").utf8) + checkpoint.encoded
    }

    /// Checks the checkpoint's signature and origin, then that `leaf` is in its tree at `leafIndex`.
    public func verify(
        leaf: LogHash, origin: LogOrigin, keys: [NoteVerifier]
    ) throws(LogProofFault) -> VerifiedCheckpoint {
        let verified: VerifiedCheckpoint
        do {
            verified = try VerifiedCheckpoint(opening: checkpoint.encoded, origin: origin, keys: keys)
        } catch {
            throw .checkpoint(error)
        }
        do {
            let proof = InclusionProof(leafIndex: leafIndex, treeSize: verified.head.size, path: path)
            try proof.verify(leaf: leaf, head: verified.head)
        } catch {
            throw .inclusion(error)
        }
        return verified
    }

    private static let firstLine = "c2sp.org/tlog-proof@v1"
}

/// The identity of a log, first line of its checkpoints: not empty, one line, compared byte by byte.
public struct LogOrigin: Sendable, CustomStringConvertible {
    public let description: String

    /// `nil` if empty or with control characters.
    public init?(_ text: some StringProtocol) {
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x20 }) else { return nil }
        description = String(text)
    }
}

extension LogOrigin: Hashable {
    public static func == (left: LogOrigin, right: LogOrigin) -> Bool {
        left.description.utf8.elementsEqual(right.description.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        for byte in description.utf8 { hasher.combine(byte) }
    }
}

/// Why a checkpoint is refused.
public enum CheckpointFault: Error, Sendable, Hashable {
    /// The note around it is malformed or not signed by a known key.
    case note(NoteFault)

    /// Fewer than three lines, or an empty line.
    case missingLine

    /// Not a decimal number in canonical form up to `TreeHead.sizeMax`.
    case malformedSize

    /// Not the base64 of 32 bytes.
    case malformedRoot

    /// The checkpoint of another log.
    case otherOrigin(LogOrigin)
}

extension CheckpointFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .note(let fault): fault.description
        case .missingLine: "a line is missing or empty"
        case .malformedSize: "the second line is no size of a log"
        case .malformedRoot: "the third line is no root of a log"
        case .otherOrigin(let origin): "it is that of another log: \(origin)"
        }
    }
}

/// What a log commits to at one moment: the text of a C2SP tlog-checkpoint.
public struct Checkpoint: Sendable, Hashable {
    public let origin: LogOrigin
    public let head: TreeHead

    /// Opaque further lines, none of them empty. Discouraged by the specification; kept because they are signed.
    public let extensionLines: [String]

    public init(origin: LogOrigin, head: TreeHead) {
        self.origin = origin
        self.head = head
        extensionLines = []
    }

    public var size: UInt64 { head.size }
    public var root: LogHash { head.root }

    /// Parses the text of a note.
    public init(parsing text: String) throws(CheckpointFault) {
        guard text.utf8.last == UInt8(ascii: "\n") else { throw .missingLine }
        let lines = text.dropLast().split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 3, !lines.contains(where: \.isEmpty), let origin = LogOrigin(lines[0]) else {
            throw .missingLine
        }
        guard let size = UInt64(canonicalDecimal: lines[1]), size <= TreeHead.sizeMax else { throw .malformedSize }
        guard let root = LogHash(base64: lines[2]) else { throw .malformedRoot }
        self.origin = origin
        head = TreeHead(size: size, root: root)
        extensionLines = lines.dropFirst(3).map(String.init)
    }

    /// The text that is signed.
    public var text: String {
        ([origin.description, String(size), root.base64] + extensionLines).joined(separator: "\n") + "\n"
    }

    /// Signs with each of `signers` in order. The first is the log's own key, named like the origin.
    ///
    /// A log must never sign two checkpoints that are inconsistent: the caller keeps the newest one durably first.
    public func signed(by signers: [NoteSigner]) throws(NoteFault) -> SignedNote {
        var note = try SignedNote(text: text)
        for signer in signers { try note.sign(with: signer) }
        return note
    }
}

extension UInt64 {
    /// ASCII decimal digits without a sign or leading zeros.
    init?(canonicalDecimal text: Substring) {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let first = text.utf8.first, text.utf8.allSatisfy(digits.contains) else { return nil }
        guard first != UInt8(ascii: "0") || text.utf8.count == 1 else { return nil }
        self.init(text)
    }
}

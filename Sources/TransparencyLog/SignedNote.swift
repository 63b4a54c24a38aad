/// Why a note is refused.
public enum NoteFault: Error, Sendable, Hashable {
    case tooLarge(byteCount: Int, max: Int)
    case notUTF8

    /// Control characters other than newline are not allowed anywhere.
    case controlCharacter(offset: Int)

    /// The text must not be empty and must end in a newline.
    case textNotTerminated

    /// No blank line followed by terminated signature lines.
    case noSignatureBlock

    /// Counted from 0.
    case malformedSignature(line: Int)
    case tooManySignatures(max: Int)

    /// Two of the known keys share name and identifier.
    case ambiguousKey(NoteKeyName, keyID: UInt32)

    /// A known key's signature does not verify: the text or the signature was changed.
    case badSignature(NoteKeyName, keyID: UInt32)

    /// Nobody known has signed.
    case noKnownSignature

    /// The signing key failed.
    case signingFailed
}

extension NoteFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooLarge(let byteCount, let max): "it has \(byteCount) bytes, and at most \(max) are read"
        case .notUTF8: "it is not UTF-8"
        case .controlCharacter(let offset): "there is a control character at byte \(offset)"
        case .textNotTerminated: "its text is empty or does not end in a line break"
        case .noSignatureBlock: "there are no signature lines behind its text"
        case .malformedSignature(let line): "signature line \(line + 1) cannot be read"
        case .tooManySignatures(let max): "there are more than \(max) signatures"
        case .ambiguousKey(let name, _): "two of the known keys are called \(name) and have the same identifier"
        case .badSignature(let name, _): "the signature by \(name) does not verify"
        case .noKnownSignature: "nobody known has signed it"
        case .signingFailed: "it could not be signed"
        }
    }
}

/// Text with signatures below it (C2SP signed-note).
///
/// Parsing verifies nothing. The text must not be used before `verify` has returned.
public struct SignedNote: Sendable, Hashable {
    /// The signed text, with its final newline.
    public let text: String

    /// All signatures in order, from known and unknown keys.
    public private(set) var signatures: [NoteSignature]

    /// Largest note that is read. Sixteen post-quantum signatures fit.
    public static let bytesMax = 256 << 10

    /// Most signatures that are read; the specification demands at least 16.
    public static let signaturesMax = 64

    /// Text to be signed: ends in a newline and has no other control characters.
    public init(text: String, signatures: [NoteSignature] = []) throws(NoteFault) {
        guard text.utf8.last == Self.newline else { throw .textNotTerminated }
        try Self.check(Array(text.utf8))
        guard signatures.count <= Self.signaturesMax else { throw .tooManySignatures(max: Self.signaturesMax) }
        self.text = text
        self.signatures = signatures
    }

    /// Splits a note into text and signatures.
    public init(parsing bytes: [UInt8]) throws(NoteFault) {
        try Self.check(bytes)
        guard let note = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
        guard let blank = Self.lastBlankLine(of: bytes), bytes.last == Self.newline, blank + 1 < bytes.count else {
            throw .noSignatureBlock
        }
        let textEnd = note.utf8.index(note.utf8.startIndex, offsetBy: blank)
        let block = note[note.utf8.index(after: textEnd)...].dropLast()
        var signatures: [NoteSignature] = []
        for (number, line) in block.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard signatures.count < Self.signaturesMax else { throw .tooManySignatures(max: Self.signaturesMax) }
            guard let signature = NoteSignature(line: line) else { throw .malformedSignature(line: number) }
            signatures.append(signature)
        }
        text = String(note[..<textEnd])
        self.signatures = signatures
    }

    /// The note as it is stored and sent.
    public var encoded: [UInt8] {
        var note = text + "\n"
        for signature in signatures { note += signature.line + "\n" }
        return Array(note.utf8)
    }

    /// Signs the text and adds the signature, in place of an earlier one by the same key.
    public mutating func sign(with signer: NoteSigner) throws(NoteFault) {
        let signature = try signer.sign(text)
        signatures.removeAll { $0.name == signature.name && $0.keyID == signature.keyID }
        guard signatures.count < Self.signaturesMax else { throw .tooManySignatures(max: Self.signaturesMax) }
        signatures.append(signature)
    }

    /// Checks every signature that claims to be by one of `keys`; others are ignored.
    ///
    /// - Returns: the keys that signed, each once, in the order of their first signature; never empty.
    /// - Throws: `.badSignature` if any known key's signature fails, `.noKnownSignature` if none is known.
    public func verify(by keys: [NoteVerifier]) throws(NoteFault) -> [NoteVerifier] {
        var signers: [NoteVerifier] = []
        let message = Array(text.utf8)
        for signature in signatures {
            let candidates = keys.filter { $0.name == signature.name && $0.keyID == signature.keyID }
            guard let key = candidates.first else { continue }
            guard candidates.allSatisfy({ $0 == key }) else {
                throw .ambiguousKey(key.name, keyID: key.keyID)
            }
            guard key.isValid(signature.signature, for: message) else {
                throw .badSignature(key.name, keyID: key.keyID)
            }
            if !signers.contains(key) { signers.append(key) }
        }
        guard !signers.isEmpty else { throw .noKnownSignature }
        return signers
    }

    private static func check(_ bytes: [UInt8]) throws(NoteFault) {
        guard bytes.count <= bytesMax else { throw .tooLarge(byteCount: bytes.count, max: bytesMax) }
        if let offset = bytes.firstIndex(where: { $0 < 0x20 && $0 != newline }) {
            throw .controlCharacter(offset: offset)
        }
    }

    /// Offset of the second of the last two adjacent newlines.
    private static func lastBlankLine(of bytes: [UInt8]) -> Int? {
        var offset = bytes.count - 1
        while offset > 0 {
            if bytes[offset] == newline, bytes[offset - 1] == newline { return offset }
            offset -= 1
        }
        return nil
    }

    private static let newline = UInt8(ascii: "\n")
}

internal import SignatureKeys

/// One signature line of a note: who claims to have signed, and the signature. Not verified by being parsed.
public struct NoteSignature: Sendable, Hashable {
    public let name: NoteKeyName

    /// First four bytes of a hash over name, algorithm and public key. Identifies; proves nothing.
    public let keyID: UInt32

    /// What the algorithm made; 64 bytes for Ed25519.
    public let signature: [UInt8]

    public init(name: NoteKeyName, keyID: UInt32, signature: [UInt8]) {
        self.name = name
        self.keyID = keyID
        self.signature = signature
    }

    /// The line without its newline.
    var line: String {
        let blob = withUnsafeBytes(of: keyID.bigEndian) { Array($0) } + signature
        return "\(Self.prefix)\(name) \(Base64.encode(blob))"
    }

    /// Parses one line without its newline.
    init?(line: Substring) {
        // Bytes, not characters: a combining mark after the space would otherwise merge with it.
        guard line.utf8.starts(with: Self.prefix.utf8) else { return nil }
        let fields = line.utf8.dropFirst(Self.prefix.utf8.count)
            .split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard fields.count == 2, let name = NoteKeyName(Substring(fields[0])) else { return nil }
        guard let blob = Base64.decode(fields[1]), blob.count > 4 else { return nil }
        self.name = name
        keyID = blob.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
        signature = Array(blob.dropFirst(4))
    }

    /// Em dash and space.
    private static let prefix = "\u{2014} "
}

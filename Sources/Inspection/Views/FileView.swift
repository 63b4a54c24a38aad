/// What a person wants to see of a file, beyond what an inspection finds.
public enum FileView: UInt8, Sendable, Hashable, CaseIterable {
    /// The opcodes of a pickle.
    case opcodes
    /// What each byte of a tensor file belongs to.
    case map
    /// Metadata, templates and members, for a comparison.
    case contents

    /// Bytes of a line, without the line feed.
    public static let lineBytesMax = 16 << 10
}

/// A line of a view: fields of visible text, which contain no controls.
///
/// Lines are written by a process that reads hostile bytes. Whoever reads them checks every field.
public struct ViewLine: Sendable, Hashable {
    public let fields: [String]

    public init(_ fields: [String]) {
        self.fields = fields
    }

    /// The fields between tabs, ended by a line feed.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for (index, field) in fields.enumerated() {
            if index > 0 { bytes.append(0x09) }
            bytes.append(contentsOf: field.utf8.lazy.map { $0 < 0x20 ? 0x20 : $0 })
        }
        bytes.append(0x0A)
        return bytes
    }

    /// - Returns: `nil` for what is no text.
    public init?(parsing bytes: some Sequence<UInt8>) {
        guard let text = String(validating: Array(bytes), as: UTF8.self) else { return nil }
        fields = text.utf8.split(separator: 0x09, omittingEmptySubsequences: false).map { String(Substring($0)) }
    }
}

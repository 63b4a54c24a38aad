import OCI
import RegistryCore
public import TransparencyLog

/// The first line of `manifest.yaml`: the state of the log that the manifest was written from.
public struct ManifestHeader: Sendable, Hashable {
    /// The longest such line, in bytes, with its line feed.
    static let bytesMax = 160
    private static let prefix = "# pratique manifest/v1"

    public var log: TreeHead

    init(log: TreeHead) {
        self.log = log
    }

    var line: [UInt8] {
        Array("\(Self.prefix) log_size=\(log.size) log_root=\(log.root.base64)\n".utf8)
    }

    /// - Parameter document: the document from its start, at least `bytesMax` bytes of it if it has as many.
    /// - Returns: `nil` when the document does not begin with such a line.
    init?(startOf document: [UInt8]) {
        guard let end = document.prefix(Self.bytesMax).firstIndex(of: UInt8(ascii: "\n")),
            let line = String(validating: document[..<end], as: UTF8.self)
        else { return nil }
        let fields = line.dropFirst(Self.prefix.count).split(separator: " ")
        guard line.hasPrefix(Self.prefix), fields.count == 2, fields[0].hasPrefix("log_size="),
            fields[1].hasPrefix("log_root="), let size = UInt64(fields[0].dropFirst(9)), size <= TreeHead.sizeMax,
            let root = LogHash(base64: fields[1].dropFirst(9))
        else { return nil }
        log = TreeHead(size: size, root: root)
        // One spelling only: what is written is what is read.
        guard Array(document[...end]) == self.line else { return nil }
    }
}

/// How the manifest on disk differs from what the log says. It is reported and written anew, never believed.
public enum ManifestDisagreement: Sendable, Hashable {
    /// Nobody here wrote the file that stands there.
    case foreign
    /// It was written from a log that was longer than ours.
    case ahead(of: UInt64, size: UInt64)
    /// It was written from another history.
    case otherHistory(size: UInt64)
    /// It is not what we wrote last.
    case edited
}

/// What an HDF5 file holds, as far as an inspection needs it. No element of a dataset is read.
public struct HDF5File: Sendable, Hashable {
    /// An attribute that is one text.
    public struct Text: Sendable, Hashable {
        /// The object that has the attribute: `/` is the root.
        public let path: String
        public let name: String
        /// Where the text stands in the file.
        public let offset: UInt64
        public let sizeBytes: UInt64
    }

    /// What is wrong, unusual or not followed, at the place where that was seen.
    public struct Issue: Sendable, Hashable {
        public let kind: Kind
        /// The object or link it is about.
        public let subject: String?
        /// What exactly: a file name, the number of a filter.
        public let detail: String
        public let offset: UInt64
    }

    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A structure is not what the format prescribes.
        case malformed
        /// The file is shorter than its superblock says.
        case truncated
        /// The file is longer than its superblock says.
        case trailingBytes
        /// Something else than zeros stands before the superblock.
        case userBlock
        /// A link leads to an object of another file.
        case externalLink
        /// The elements of a dataset are in another file.
        case externalStorage
        /// The elements of a dataset are those of other datasets, in this file or in others.
        case virtualDataset
        /// A link of a kind that the program which opens it has to know.
        case userDefinedLink
        /// A filter that is not part of the library: it is loaded from a folder of plugins.
        case filterPlugin
        /// Datasets share bytes.
        case overlap
        /// A dataset claims to be very much larger than what is stored of it.
        case shapeBomb
        /// A structure that is not followed.
        case unread
    }

    public internal(set) var superblockVersion: UInt8 = 0
    /// Bytes before the superblock.
    public internal(set) var userBlockBytes: UInt64 = 0
    public internal(set) var groupCount = 0
    public internal(set) var datasetCount = 0
    public internal(set) var attributeCount = 0
    public internal(set) var texts: [Text] = []
    /// Texts that were found and not kept.
    public internal(set) var textsDropped = 0
    public internal(set) var issues: [Issue] = []
    /// Issues that were found and not kept.
    public var issuesDropped: Int { issueRoom.dropped }

    private var issueRoom = IssueRoom<Kind>(perKindMax: HDF5Limits.issuesPerKindMax)

    mutating func add(_ kind: Kind, _ subject: String? = nil, at offset: UInt64, _ detail: String = "") {
        guard issueRoom.takes(kind) else { return }
        issues.append(Issue(kind: kind, subject: subject, detail: detail, offset: offset))
    }
}

/// What following an HDF5 file may cost.
public struct HDF5Limits: Sendable, Hashable {
    /// Groups, datasets and named types.
    public var objectsMax = 60_000
    /// Links and attributes.
    public var namesMax = 150_000
    /// Bytes of everything that is not elements, each time they are read.
    public var metadataBytesMax: UInt64 = 96 << 20
    /// Bytes of one structure: a header, a heap.
    public var blockBytesMax: UInt64 = 8 << 20
    /// Texts of attributes that are kept.
    public var textsMax = 4096
    /// Ranges of datasets that are compared with each other.
    public var rangesMax = 200_000

    static let issuesPerKindMax = 16
    static let pathBytesMax = 160
    /// Bytes of a name, also of one that leads to another file.
    static let nameBytesMax = 64 << 10

    public init() {}

    public static let standard = HDF5Limits()
}

/// What both directories of a ZIP archive say, and where they disagree.
public struct ZipFile: Sendable, Hashable {
    /// In the order in which they are stored.
    public let members: [ZipMember]
    public let issues: [ZipIssue]
    /// Issues that were found but not kept.
    public let issuesDropped: Int
    /// Members share bytes, so that they cannot be read in time that the file's size limits.
    public let isOverlapping: Bool
}

/// A member of a ZIP archive, as the central directory describes it.
public struct ZipMember: Sendable, Hashable {
    public let nameBytes: [UInt8]
    /// APPNOTE 4.4.5.
    public let method: UInt16
    /// APPNOTE 4.4.4.
    public let flags: UInt16
    public let crc32: UInt32
    public let storedBytes: UInt64
    public let sizeBytes: UInt64
    /// Where the local header begins.
    public let headerOffset: UInt64
    /// Where the stored bytes begin; `nil` if there is no local header.
    public internal(set) var dataOffset: UInt64?
    /// The file type that a Unix system would give it: a symbolic link is 0o120000.
    public let unixType: UInt32

    public var name: String { String(decoding: nameBytes, as: UTF8.self) }
    public var isEncrypted: Bool { flags & 1 != 0 }
    public var isSymbolicLink: Bool { unixType == 0o120000 }
    public var isDirectory: Bool { nameBytes.last == UInt8(ascii: "/") && sizeBytes == 0 && storedBytes == 0 }

    var hasDescriptor: Bool { flags & 8 != 0 }
}

/// Something in a ZIP archive that is wrong and yet leaves its members readable for some programs.
public struct ZipIssue: Sendable, Hashable {
    public enum Kind: Sendable, Hashable, CaseIterable {
        /// There are bytes before the first member.
        case prefix
        /// There are bytes between members that belong to none.
        case gap
        /// There is a local header that the central directory does not know.
        case hiddenMember
        /// There are bytes between the last member, the central directory and the end records that belong to nothing.
        case directoryGap
        /// There are bytes behind the end record and its comment.
        case trailingBytes
        /// The comment is no text.
        case binaryComment
        /// The comment holds another end record.
        case secondEnd
        /// The two end records, 32 and 64 bits, disagree.
        case endsDiffer
        /// The directory has another number of members than the end record says.
        case countDiffers
        case multiDisk
        case overlap
        /// A member's local header or data is not where the directory says.
        case localMissing
        case nameDiffers
        case sizeDiffers
        case checksumDiffers
        case methodDiffers
        case flagsDiffer
        /// What follows the data is not the descriptor that was announced.
        case descriptorDiffers
        /// An extra field gives the member another name.
        case otherNameInExtra
        /// The name is neither ASCII nor marked as UTF-8, or marked and not UTF-8.
        case nameEncoding
        case name(MemberNameDefect)
        case duplicateName
        case similarName
        case specialFile

        public static let allCases: [Kind] =
            [
                .prefix, .gap, .hiddenMember, .directoryGap, .trailingBytes, .binaryComment, .secondEnd, .endsDiffer,
                .countDiffers,
                .multiDisk, .overlap, .localMissing, .nameDiffers, .sizeDiffers, .checksumDiffers, .methodDiffers,
                .flagsDiffer, .descriptorDiffers, .otherNameInExtra, .nameEncoding, .duplicateName, .similarName,
                .specialFile,
            ] + MemberNameDefect.allCases.map(Kind.name)
    }

    public let kind: Kind
    /// The member it is about.
    public let subject: String?
    public let offset: UInt64
}

/// What a ZIP archive may cost before anything about it is believed.
public struct ZipLimits: Sendable, Hashable {
    public var membersMax = 100_000
    public var nameBytesMax = 4096
    public var namesBytesMax = 16 << 20
    /// Of each kind of issue. Further ones are counted, not kept.
    public var issuesPerKindMax = 8

    public init() {}

    public static let standard = ZipLimits()
}

struct ZipIssueList {
    private var room: IssueRoom<ZipIssue.Kind>
    private(set) var kept: [ZipIssue] = []
    var dropped: Int { room.dropped }

    init(limits: ZipLimits) {
        room = IssueRoom(perKindMax: limits.issuesPerKindMax)
    }

    mutating func add(_ kind: ZipIssue.Kind, _ subject: String? = nil, at offset: UInt64) {
        guard room.takes(kind) else { return }
        kept.append(ZipIssue(kind: kind, subject: subject, offset: offset))
    }
}

internal import LinuxFiles
public import OCI

/// A line of a list of referrers, read for what it leads to and for nothing else.
public struct ReferrerRow: Sendable, Hashable {
    public let digest: Digest
    /// As it stands there; `nil` where the list does not say.
    public let artifactType: String?
}

/// Which lines of lists of referrers are asked for.
public struct ReferrerChoice: Sendable {
    /// Whether lines with this type are; `nil` for a list that does not say it.
    let isWanted: @Sendable (_ artifactType: String?) -> Bool
    /// Once there are more of them, no list is read further.
    let countMax: Int

    public init(countMax: Int, isWanted: @escaping @Sendable (_ artifactType: String?) -> Bool) {
        self.countMax = countMax
        self.isWanted = isWanted
    }
}

/// What was found in lists of referrers. One line that cannot be read does not take the others away: anybody who may
/// push could add it.
public struct ReferrerRows: Sendable {
    public private(set) var rows: [ReferrerRow] = []
    /// Lines that lead nowhere.
    public internal(set) var unreadable = 0
    /// Lines that were read, whether they are asked for or not.
    private(set) var linesRead = 0
    private let choice: ReferrerChoice
    private var known: Set<ReferrerRow> = []

    init(_ choice: ReferrerChoice) {
        self.choice = choice
    }

    /// Whether there are more than are asked for, and the lists were not read to their ends.
    public var isExcessive: Bool { rows.count > choice.countMax }

    /// Adds a line that is asked for, once.
    mutating func add(_ row: ReferrerRow) {
        linesRead += 1
        guard !isExcessive, choice.isWanted(row.artifactType), known.insert(row).inserted else { return }
        rows.append(row)
    }
}

/// Where signatures of an artifact lie: a repository, or a layout in a directory.
public protocol SignatureSource: Sendable {
    /// What says that it refers to `subject`, by every list there is.
    func referrerRows(of subject: Digest, _ choice: ReferrerChoice) async throws -> ReferrerRows

    /// - Returns: `nil` if nothing has the tag.
    func manifest(taggedIfAny tag: Tag) async throws -> StoredManifest?

    /// - Throws: `.wrongBytes` when they are not those that the digest names.
    func fetch(_ manifest: Digest) async throws -> StoredManifest

    /// The bytes that `blob` names.
    ///
    /// - Throws: `.excessive` for more than `bytesMax`; `.wrongBytes` and `.wrongSize`.
    func bytes(of blob: Digest, sizeBytes: UInt64, bytesMax: Int) async throws -> [UInt8]
}

extension Tag {
    /// Under which cosign keeps signatures where it does not use referrers: `sha256-….sig`.
    public static func simpleSignatures(of subject: Digest) -> Tag? {
        Tag(parsing: "\(subject.algorithm.rawValue)-\(subject.hex).sig")
    }
}

extension DistributionFault {
    /// Whether what was asked for is missing or is not what it should be, rather than that the answer was not had.
    public var isAboutContent: Bool {
        switch self {
        case .wrongBytes, .wrongSize, .manifest, .absent, .unsafe, .excessive: true
        case .refused(let refusal): refusal.status == 404
        case .file(let fault, _): fault.kind == .notFound
        case .transport, .loginRefused, .credentials: false
        }
    }
}

/// One thing that is not as the registry promises.
public struct FsckProblem: Sendable, Hashable {
    /// Names that stay, for programs.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        case storeStructure = "store-structure"
        case logEntryUnreadable = "log-entry-unreadable"
        case logHashWrong = "log-hash-wrong"
        case logHeadWrong = "log-head-wrong"
        case logRewritten = "log-rewritten"
        case checkpointForged = "checkpoint-forged"
        case entryMisfiled = "entry-misfiled"
        case historyIllegal = "history-illegal"
        case recordMissing = "record-missing"
        case recordUnreadable = "record-unreadable"
        case recordForged = "record-forged"
        case recordDiffers = "record-differs"
        case recordWithoutHistory = "record-without-history"
        case tagForged = "tag-forged"
        case tagDiffers = "tag-differs"
        case placeDiffers = "place-differs"
        case nameElsewhere = "name-elsewhere"
        case manifestDamaged = "manifest-damaged"
        case blobMissing = "blob-missing"
        case blobDamaged = "blob-damaged"
        case blobUnused = "blob-not-marked-used"
        case evidenceUnlisted = "evidence-unlisted"
        case evidenceMissing = "evidence-missing"
        case evidenceDamaged = "evidence-damaged"
        case viewMissing = "view-missing"
        case viewLeftOver = "view-left-over"
        case countsWrong = "counts-wrong"
    }

    public var code: Code
    /// What it is about: an artifact's name, an index of the log, a digest.
    public var subject: String
    public var sentence: String

    public init(_ code: Code, _ subject: String, _ sentence: String) {
        self.code = code
        self.subject = subject
        self.sentence = sentence
    }
}

/// What a check of the whole store found.
public struct FsckReport: Sendable {
    /// Most problems that are kept; more are counted.
    public static let problemsMax = 1_000

    public private(set) var problems: [FsckProblem] = []
    public private(set) var problemCount = 0
    public var entries: UInt64 = 0
    public var versions: UInt64 = 0
    public var blobs: UInt64 = 0
    /// Blobs that nothing uses: what interrupted work leaves, and what collection removes.
    public var orphanBlobs: UInt64 = 0
    public var orphanBytes: UInt64 = 0

    public init() {}

    public var isClean: Bool { problemCount == 0 }

    public mutating func add(_ code: FsckProblem.Code, _ subject: some CustomStringConvertible, _ sentence: String) {
        add(FsckProblem(code, subject.description, sentence))
    }

    public mutating func add(_ problems: [FsckProblem]) {
        for problem in problems { add(problem) }
    }

    public mutating func add(_ problem: FsckProblem) {
        problemCount += 1
        if problems.count < Self.problemsMax { problems.append(problem) }
    }
}

/// What a file of pickle streams would do to whoever loads it, as far as that can be known without loading it.
public struct PickleFile: Sendable, Hashable {
    /// A class or a function that loading imports.
    public struct Global: Sendable, Hashable {
        public let module: String
        /// Dots lead from one thing to another inside the module.
        public let name: String
        /// The opcode that first names it.
        public let offset: UInt64
        /// Whether it is called, not only mentioned.
        public internal(set) var isCalled = false

        public var qualifiedName: String { "\(module).\(name)" }

        /// Whether both are made of letters, digits and underscores of ASCII, and dots.
        var isPlain: Bool {
            !module.isEmpty && !name.isEmpty
                && (module + name).utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."):
                        true
                    default: false
                    }
                }
        }
    }

    /// What is wrong or unusual, at the opcode where that was seen.
    public struct Issue: Sendable, Hashable {
        public let kind: Kind
        public let offset: UInt64
        /// A name, where one is known.
        public let subject: String

        init(_ kind: Kind, at offset: UInt64, _ subject: String = "") {
            self.kind = kind
            self.offset = offset
            self.subject = subject
        }
    }

    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A name is computed, written with escapes, or no text.
        case hiddenName
        /// What is called is no global.
        case computedCall
        /// Attributes of a class or a function are set.
        case changedGlobal
        /// A code of the `copyreg` extension registry stands for a global.
        case extensionCode
        /// An identifier that the program which loads the file has to resolve.
        case persistentID
        /// A buffer that is not in the file.
        case outOfBandBuffer
        /// Loading takes far more memory or time than the file is long.
        case expensive
        case lateProtocol
        case unknownProtocol
        case frame
        case unknownOpcode
        /// An opcode takes more values than there are.
        case underflow
        /// A number or a text that the opcode does not take.
        case argument
        case truncated
        case trailingBytes
        /// An array of joblib whose length cannot be told.
        case joblibArray
        /// Bytes that begin like a stream of their own, and more of them than are followed.
        case unreadNested
    }

    public internal(set) var globals: [Global] = []
    public internal(set) var issues: [Issue] = []
    /// Issues that were found and not kept.
    public var issuesDropped: Int { issueRoom.dropped }
    /// Streams that end with STOP, and the one that does not if there is such.
    public internal(set) var streamCount = 0
    public internal(set) var opcodeCount: UInt64 = 0
    /// The newest protocol that a stream declares; 0 when none does.
    public internal(set) var protocolVersion: UInt8 = 0
    /// Whether it is a file that PyTorch wrote before 1.6: five streams and the bytes of the storages.
    public internal(set) var isLegacyTorch = false

    /// Bytes that begin like a stream of their own, as many as are followed.
    public internal(set) var nested: [Range<UInt64>] = []

    /// Where following the streams ended: behind the last of them, or behind the opcode that broke one.
    public internal(set) var end: UInt64 = 0
    /// Bytes between opcodes that are those of arrays, as many as are kept.
    public internal(set) var arrays: [Range<UInt64>] = []

    static let nestedMax = 10_000
    static let arraysMax = 100_000
    private var issueRoom = IssueRoom<Kind>(perKindMax: 64)

    public func issuesDropped(_ kind: Kind) -> Int { issueRoom.dropped(kind) }

    mutating func add(_ kind: Kind, at offset: UInt64, _ subject: String = "") {
        guard issueRoom.takes(kind) else { return }
        issues.append(Issue(kind, at: offset, subject))
    }
}

/// What following pickle streams may cost.
public struct PickleLimits: Sendable, Hashable {
    /// Values on the stack of one stream.
    public var stackMax = 1 << 20
    /// Values of one stream that are put aside for later.
    public var memoMax = 3 << 20
    /// Marks on the stack of one stream.
    public var marksMax = 1 << 20
    /// Different globals in one file.
    public var globalsMax = 10_000
    /// Bytes of a line. Numbers and names are shorter; texts of protocol 0 stand in lines.
    public var lineBytesMax = 64 << 20
    public var streamsMax = 10_000
    /// Opcodes of all streams. A file by itself has as many as it is long.
    public var opcodesMax = UInt64.max

    public init() {}

    public static let standard = PickleLimits()
}

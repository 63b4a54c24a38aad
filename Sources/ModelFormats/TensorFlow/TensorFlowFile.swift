/// What a graph of TensorFlow does, as far as its operators say it, and what it says about itself.
public struct TensorFlowFile: Sendable, Hashable {
    /// An operator that a graph uses, and the first node that does.
    public struct Operator: Sendable, Hashable {
        public let name: String
        /// Where the node is: its own name, after that of its function if it is in one.
        public let place: String
        public let offset: UInt64
    }

    /// An argument of a node that says what an operator is let loose on.
    public struct Argument: Sendable, Hashable {
        public let operatorName: String
        public let key: String
        public let value: String
        public let offset: UInt64
    }

    /// An operator that reads or writes checkpoints, in the graph or a function of it.
    public struct CheckpointUse: Sendable, Hashable {
        public enum Place: Sendable, Hashable {
            /// In what a saver brings with it, and nothing else depends on that.
            case saver
            /// In a bare graph, where savers keep it.
            case likeSaver
            case elsewhere
        }

        public let operatorName: String
        public let node: String
        public let offset: UInt64
        public internal(set) var place: Place
    }

    public struct Asset: Sendable, Hashable {
        public let name: String
        /// What is wrong with it as a path beneath the folder of assets.
        public let defect: String?
        public let offset: UInt64
    }

    /// A message of any type in a collection.
    public struct Payload: Sendable, Hashable {
        public let type: String
        public let offset: UInt64
    }

    /// A description of an object by the library that made it: JSON, as a rule.
    public struct Metadata: Sendable, Hashable {
        /// What kind of object it is about.
        public let identifier: String
        public let bytes: [UInt8]
        public let offset: UInt64
    }

    public let kind: ProtobufKind
    public internal(set) var version = ""
    public internal(set) var tags: [String] = []
    public internal(set) var operators: [Operator] = []
    /// Functions that the graphs bring with them.
    public internal(set) var functions: Set<String> = []
    public internal(set) var arguments: [Argument] = []
    public internal(set) var checkpointUses: [CheckpointUse] = []
    public internal(set) var assets: [Asset] = []
    public internal(set) var payloads: [Payload] = []
    public internal(set) var metadata: [Metadata] = []
    /// Descriptions that were too long to be kept.
    public internal(set) var metadataDropped = 0
    public internal(set) var tensorCount: UInt64 = 0
    /// Elements of all constants, `UInt64.max` if they are more than that.
    public internal(set) var parameterCount: UInt64 = 0
    public internal(set) var issues: [TensorFlowIssue] = []
    /// Issues that were found and not kept.
    public internal(set) var issuesDropped = 0

    private var issueRoom = IssueRoom<TensorFlowIssue.Kind>(perKindMax: 32)

    init(kind: ProtobufKind) { self.kind = kind }

    mutating func add(_ kind: TensorFlowIssue.Kind, _ subject: String, at offset: UInt64) {
        guard issueRoom.takes(kind.withoutNumber) else {
            issuesDropped += 1
            return
        }
        issues.append(TensorFlowIssue(kind: kind, subject: subject, offset: offset))
    }
}

/// Something in a graph that is readable and not as it should be.
public struct TensorFlowIssue: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case wire(ProtobufIssue.Kind)
        /// A constant's data is not as long as its shape and type require.
        case tensorLength
        /// A dimension of a constant is negative, or the number of elements needs more than 63 bits.
        case tensorShape
        /// A constant of so many bytes is made from a few.
        case expansion(UInt64)

        /// The kind by which issues are counted: the file chooses numbers, of which there are many.
        fileprivate var withoutNumber: Kind {
            if case .expansion = self { .expansion(0) } else { self }
        }
    }

    public let kind: Kind
    /// A node or a field.
    public let subject: String
    public let offset: UInt64
}

/// What reading a graph may cost.
public struct TensorFlowLimits: Sendable, Hashable {
    public var wire = ProtobufLimits.standard
    /// Different operators.
    public var operatorsMax = 5_000
    public var nameBytesMax = 1_024
    /// Bytes of the names of functions, and of those that call them.
    public var namesBytesMax = 8 << 20
    /// Different arguments, assets, payloads and uses of checkpoints, of each.
    public var listMax = 1_000
    /// Bytes of one description of an object, and of all.
    public var metadataBytesMax = 4 << 20
    public var metadataBytesTotal = 16 << 20
    /// Bytes that a constant may have that is made from a few.
    public var expansionBytesMax: UInt64 = 1 << 30

    public init() {}

    public static let standard = TensorFlowLimits()
}

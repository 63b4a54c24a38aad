/// What an ONNX model holds besides numbers.
public struct ONNXFile: Sendable, Hashable {
    /// An operator that the model uses, and the first node that does.
    public struct Operator: Sendable, Hashable {
        public let domain: String
        public let type: String
        public let offset: UInt64
    }

    /// A function that the model brings with it.
    public struct Function: Sendable, Hashable {
        public let domain: String
        public let name: String
        public let offset: UInt64
    }

    /// A file beside the model that holds data of tensors, and the first tensor whose data it holds.
    public struct ExternalFile: Sendable, Hashable {
        public let location: String
        /// What is wrong with it as a path beneath the model's folder.
        public let defect: String?
        public let tensor: String
        public let offset: UInt64
    }

    public struct Text: Sendable, Hashable {
        /// `doc_string`, or the key of an entry of metadata.
        public let name: String
        public let bytes: [UInt8]
        public let offset: UInt64
    }

    public internal(set) var irVersion: UInt64?
    public internal(set) var producer = ""
    public internal(set) var producerVersion = ""
    public internal(set) var name = ""
    /// The version of the standard operators.
    public internal(set) var operatorSet: UInt64?
    public internal(set) var operators: [Operator] = []
    public internal(set) var functions: [Function] = []
    public internal(set) var externalFiles: [ExternalFile] = []
    /// Texts that people read: of the model, its graphs and its functions.
    public internal(set) var texts: [Text] = []
    /// Texts that were too long to be kept.
    public internal(set) var textsDropped = 0
    public internal(set) var tensorCount: UInt64 = 0
    /// Elements of all initializers, `UInt64.max` if they are more than that.
    public internal(set) var parameterCount: UInt64 = 0
    public internal(set) var hasGraph = false
    public internal(set) var issues: [ONNXIssue] = []
    /// Issues that were found and not kept.
    public internal(set) var issuesDropped = 0

    private var issueRoom = IssueRoom<ONNXIssue.Kind>(perKindMax: 32)

    mutating func add(_ kind: ONNXIssue.Kind, _ subject: String, at offset: UInt64) {
        guard issueRoom.takes(kind.withoutNumber) else {
            issuesDropped += 1
            return
        }
        issues.append(ONNXIssue(kind: kind, subject: subject, offset: offset))
    }
}

/// Something in a model that is readable and not as it should be.
public struct ONNXIssue: Sendable, Hashable {
    public enum TensorDefect: String, Sendable, Hashable {
        case shape = "a dimension is negative, or the number of elements needs more than 63 bits"
        case length = "the data is not as long as shape and type require"
        case field = "the data is in a field for another type"
        case twoPlaces = "the data is in two places"
    }

    public enum ExternalDefect: String, Sendable, Hashable {
        case noLocation = "there is no location"
        case repeatedKey = "a key is there twice"
        case number = "offset or length is not a number"
        case tooLong = "an entry is too long"
        case unknownKey = "a key is not known"
    }

    public enum Kind: Sendable, Hashable {
        case wire(ProtobufIssue.Kind)
        case tensor(TensorDefect)
        case unknownType(UInt64)
        case externalData(ExternalDefect)
        case duplicateInitializer
        /// A node that names a file with a program for a processor.
        case compiledFile

        /// The kind by which issues are counted: the file chooses numbers, of which there are many.
        fileprivate var withoutNumber: Kind {
            if case .unknownType = self { .unknownType(0) } else { self }
        }
    }

    public let kind: Kind
    /// A tensor, a node or a field.
    public let subject: String
    public let offset: UInt64
}

/// What reading a model may cost.
public struct ONNXLimits: Sendable, Hashable {
    public var wire = ProtobufLimits.standard
    /// Different operators and functions.
    public var operatorsMax = 2_000
    /// Initializers, and what they are called in all graphs that are open at the same time.
    public var initializersMax = 250_000
    public var externalFilesMax = 2_000
    public var nameBytesMax = 1_024
    /// Bytes of one text, and of all that are kept.
    public var textBytesMax = 256 << 10
    public var textsBytesMax = 2 << 20

    public init() {}

    public static let standard = ONNXLimits()
}

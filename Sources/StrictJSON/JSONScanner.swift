/// Walks through a document event by event, in memory that does not grow with it.
///
/// What stays in memory is one chunk, the string that is being read and the names of the objects that are open, each
/// within its limit. Nesting is counted, not recursed into.
public struct JSONScanner {
    private enum Expectation {
        case value
        case elementOrEnd
        case nameOrEnd
        case name
        case commaOrEnd
        case endOfDocument
    }

    private let limits: JSONLimits
    private var input: JSONInput
    private var expectation = Expectation.value
    /// For each container that is open whether it is an object.
    private var open: [Bool] = []
    /// For each level the names of the object that is open there. They are empty where none is, and stay for the next.
    private var names: [NameSet] = []
    private var openNames = 0
    private var values = 0

    public init(_ bytes: [UInt8], limits: JSONLimits) {
        self.init(input: JSONInput(bytes, bytesMax: limits.bytesMax), limits: limits)
    }

    /// - Parameter nextChunk: see `StrictJSON.validate`.
    public init(limits: JSONLimits, nextChunk: @escaping () throws(JSONFault) -> [UInt8]) {
        self.init(input: JSONInput(bytesMax: limits.bytesMax, nextChunk: nextChunk), limits: limits)
    }

    private init(input: JSONInput, limits: JSONLimits) {
        self.input = input
        self.limits = limits
    }

    /// Objects and arrays that are open now.
    public var depth: Int {
        open.count
    }

    /// The next event, or `nil` once the whole document has been read and nothing but white space follows it.
    ///
    /// After a fault the scanner must not be used again.
    public mutating func next() throws(JSONFault) -> JSONEvent? {
        guard var byte = try input.peekAfterWhitespace() else {
            guard expectation == .endOfDocument else { throw input.fault(.unexpectedEnd) }
            return nil
        }
        if expectation == .commaOrEnd {
            let isObject = open.last ?? false
            guard byte == UInt8(ascii: ",") else {
                guard byte == UInt8(ascii: isObject ? "}" : "]") else { throw input.fault(.unexpectedByte) }
                return try end()
            }
            input.skip()
            expectation = isObject ? .name : .value
            guard let next = try input.peekAfterWhitespace() else { throw input.fault(.unexpectedEnd) }
            byte = next
        }
        switch expectation {
        case .value:
            return try value(startingWith: byte)
        case .elementOrEnd:
            return byte == UInt8(ascii: "]") ? try end() : try value(startingWith: byte)
        case .nameOrEnd:
            return byte == UInt8(ascii: "}") ? try end() : try name(startingWith: byte)
        case .name:
            return try name(startingWith: byte)
        case .commaOrEnd, .endOfDocument:
            throw input.fault(.trailingData)
        }
    }

    /// Moves past those of the next elements of an array that say nothing by themselves: numbers, words, empty objects
    /// and empty arrays. They are checked as `next` does, and much faster, so that they do not count as values.
    ///
    /// It may stop before any element, also before one of these, and does nothing outside of arrays.
    ///
    /// - Parameter withStrings: whether strings of plain ASCII without `{` are among them.
    public mutating func skipPlainElements(withStrings: Bool) {
        guard expectation == .commaOrEnd, open.last == false else { return }
        input.skipPlainElements(
            numberBytesMax: limits.numberBytesMax, stringBytesMax: withStrings ? limits.stringBytesMax : nil,
            mayOpen: open.count < limits.depthMax)
    }

    private mutating func end() throws(JSONFault) -> JSONEvent {
        guard let isObject = open.popLast() else { throw input.fault(.unexpectedByte) }
        input.skip()
        if isObject, names[open.count].count > 0 {
            openNames -= names[open.count].count
            names[open.count].removeAll()
        }
        expectation = open.isEmpty ? .endOfDocument : .commaOrEnd
        return isObject ? .endObject : .endArray
    }

    private mutating func begin(object isObject: Bool) throws(JSONFault) -> JSONEvent {
        guard open.count < limits.depthMax else { throw input.fault(.tooDeep) }
        input.skip()
        if names.count == open.count { names.append(NameSet()) }
        open.append(isObject)
        expectation = isObject ? .nameOrEnd : .elementOrEnd
        return isObject ? .beginObject : .beginArray
    }

    private mutating func name(startingWith byte: UInt8) throws(JSONFault) -> JSONEvent {
        guard byte == UInt8(ascii: "\"") else { throw input.fault(.unexpectedByte) }
        guard openNames < limits.openNamesMax else { throw input.fault(.tooManyNames) }
        let offset = input.offset
        let name = try input.string(bytesMax: limits.stringBytesMax)
        guard names[open.count - 1].insert(name) else {
            throw JSONFault(.duplicateName(name), offset: offset)
        }
        openNames += 1
        guard try input.peekAfterWhitespace() == UInt8(ascii: ":") else {
            throw input.fault(input.isAtEnd ? .unexpectedEnd : .unexpectedByte)
        }
        input.skip()
        expectation = .value
        return .name(name)
    }

    private mutating func value(startingWith byte: UInt8) throws(JSONFault) -> JSONEvent {
        guard values < limits.nodesMax else { throw input.fault(.tooManyValues) }
        values += 1
        switch byte {
        case UInt8(ascii: "{"): return try begin(object: true)
        case UInt8(ascii: "["): return try begin(object: false)
        default: break
        }
        let event: JSONEvent
        switch byte {
        case UInt8(ascii: "\""): event = .string(try input.string(bytesMax: limits.stringBytesMax))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            event = .number(try input.number(bytesMax: limits.numberBytesMax))
        case UInt8(ascii: "t"): event = try input.literal("true", .bool(true))
        case UInt8(ascii: "f"): event = try input.literal("false", .bool(false))
        case UInt8(ascii: "n"): event = try input.literal("null", .null)
        case 0xEF where input.offset == 0: throw input.fault(.byteOrderMark)
        default: throw input.fault(.unexpectedByte)
        }
        expectation = open.isEmpty ? .endOfDocument : .commaOrEnd
        return event
    }
}

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

    private struct Container {
        let isObject: Bool
        var names = NameSet()
    }

    private let limits: JSONLimits
    private var input: JSONInput
    private var expectation = Expectation.value
    private var open: [Container] = []
    /// Of containers that have ended, for those to come.
    private var spare: [NameSet] = []
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
        while true {
            guard let byte = try input.peekAfterWhitespace() else {
                guard expectation == .endOfDocument else { throw input.fault(.unexpectedEnd) }
                return nil
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
            case .commaOrEnd:
                if let event = try comma(or: byte) { return event }
            case .endOfDocument:
                throw input.fault(.trailingData)
            }
        }
    }

    /// - Returns: the end of the innermost container, or `nil` after a comma.
    private mutating func comma(or byte: UInt8) throws(JSONFault) -> JSONEvent? {
        let isObject = open.last?.isObject ?? false
        switch byte {
        case UInt8(ascii: ","):
            input.skip()
            expectation = isObject ? .name : .value
            return nil
        case UInt8(ascii: "}") where isObject, UInt8(ascii: "]") where !isObject:
            return try end()
        default:
            throw input.fault(.unexpectedByte)
        }
    }

    private mutating func end() throws(JSONFault) -> JSONEvent {
        guard var container = open.popLast() else { throw input.fault(.unexpectedByte) }
        input.skip()
        if container.isObject {
            openNames -= container.names.count
            container.names.removeAll()
            spare.append(container.names)
        }
        expectation = open.isEmpty ? .endOfDocument : .commaOrEnd
        return container.isObject ? .endObject : .endArray
    }

    private mutating func begin(object isObject: Bool) throws(JSONFault) -> JSONEvent {
        guard open.count < limits.depthMax else { throw input.fault(.tooDeep) }
        input.skip()
        open.append(Container(isObject: isObject, names: isObject ? spare.popLast() ?? NameSet() : NameSet()))
        expectation = isObject ? .nameOrEnd : .elementOrEnd
        return isObject ? .beginObject : .beginArray
    }

    private mutating func name(startingWith byte: UInt8) throws(JSONFault) -> JSONEvent {
        guard byte == UInt8(ascii: "\"") else { throw input.fault(.unexpectedByte) }
        guard openNames < limits.openNamesMax else { throw input.fault(.tooManyNames) }
        let offset = input.offset
        let name = try input.string(bytesMax: limits.stringBytesMax)
        guard open[open.count - 1].names.insert(name) else {
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

/// What the machine knows of one value: enough to say which global a call goes to, and no more. Eight bytes, because a
/// hostile stream has millions of them.
struct PickleValue: Sendable, Hashable {
    private let bits: UInt64

    private static let payloadBits: UInt64 = 60
    private static let lengthBits: UInt64 = 8

    enum Kind: UInt64 {
        /// A number, a container, a text too long for a name.
        case data
        /// A text that may be the name of a module or of something in one, as it stands in the file.
        case text
        /// A text whose characters are written as escapes, so that searching the file does not find it.
        case escapedText
        /// A class or a function, by its place in the table of globals.
        case global
        /// What a call returned, by the global that was called.
        case instance
        /// A whole number that is not negative.
        case number
        /// A tuple whose first element is a text that may be a name.
        case named
        /// A tuple that may be the state of a type of NumPy's.
        case description
        /// A tuple of numbers that may be the shape of an array, by its place in a table.
        case shape
        /// A dictionary that may describe an array, by its place in a table.
        case state
        /// No value.
        case absent
    }

    private init(_ kind: Kind, _ payload: UInt64) {
        bits = kind.rawValue << Self.payloadBits | payload
    }

    var kind: Kind { Kind(rawValue: bits >> Self.payloadBits) ?? .data }

    private var payload: UInt64 { bits & (1 << Self.payloadBits - 1) }

    static let data = PickleValue(.data, 0)
    /// A number beyond those that count what is in the file.
    static let hugeNumber = PickleValue(.data, hugeMark)
    static let absent = PickleValue(.absent, 0)
    static let escapedText = PickleValue(.escapedText, 0)
    private static let hugeMark: UInt64 = 1 << 48
    private static let hugeMin: UInt64 = 1 << 31
    private static let weightMax: UInt64 = 1 << 40

    /// What is known of a tuple besides: how many values it has if each is counted wherever it is met, up to a limit,
    /// and whether a huge number is among them.
    static func container(of elements: ArraySlice<PickleValue>) -> PickleValue {
        var weight: UInt64 = 1
        var mark: UInt64 = 0
        for element in elements {
            weight = min(weight + 1 + element.weight, weightMax)
            if element.isHuge { mark = hugeMark }
        }
        return PickleValue(.data, mark | weight)
    }

    /// Whether it has no more than what describes something, and no huge number.
    var isLight: Bool { weight < 64 && !isHuge }

    /// Values within it, as far as they are counted.
    var weight: UInt64 { kind == .data ? payload & (Self.hugeMark - 1) : 0 }

    /// Whether it is a number that is too large to count what is in a file, or a tuple that has one.
    var isHuge: Bool {
        switch kind {
        case .data: payload & Self.hugeMark != 0
        case .number: payload >= Self.hugeMin
        default: false
        }
    }

    /// What something returned that is no global itself.
    static let unknownInstance = PickleValue(.instance, 1 << 59)

    /// The longest text that is kept.
    static let textBytesMax = 1 << lengthBits - 1

    /// - Returns: `.data` for what is no name in any program.
    static func text(at offset: UInt64, count: UInt64) -> PickleValue {
        guard count <= UInt64(textBytesMax), offset < 1 << (payloadBits - lengthBits) else { return .data }
        return PickleValue(.text, offset << lengthBits | count)
    }

    static func global(_ index: Int) -> PickleValue { PickleValue(.global, UInt64(index)) }

    /// - Parameter type: the number of a type of NumPy's, where that is what was made.
    static func instance(of index: Int, type: Int = 0) -> PickleValue {
        PickleValue(.instance, UInt64(type) << 32 | UInt64(index))
    }

    /// - Returns: `.data` where the tuple does not begin with a text.
    static func tuple(beginningWith first: PickleValue) -> PickleValue {
        first.kind == .text ? PickleValue(.named, first.payload) : .data
    }

    /// - Parameter sizeBytes: of an item; `nil` where the type says it itself.
    static func description(sizeBytes: UInt32?, flags: UInt8) -> PickleValue {
        PickleValue(.description, UInt64(flags) << 33 | (sizeBytes.map { 1 << 32 | UInt64($0) } ?? 0))
    }

    /// What the state of a type says of its items.
    var described: (sizeBytes: UInt32?, flags: UInt8)? {
        guard kind == .description else { return nil }
        let size = payload & 1 << 32 != 0 ? UInt32(truncatingIfNeeded: payload) : nil
        return (size, UInt8(truncatingIfNeeded: payload >> 33))
    }

    static func shape(_ index: Int) -> PickleValue { PickleValue(.shape, UInt64(index)) }

    static func state(_ index: Int) -> PickleValue { PickleValue(.state, UInt64(index)) }

    static func number(_ value: UInt64) -> PickleValue {
        value < 1 << payloadBits ? PickleValue(.number, value) : .data
    }

    /// Where a text stands.
    var textRange: (offset: UInt64, count: Int)? { kind == .text ? range : nil }

    /// The text with which a tuple begins.
    var firstText: PickleValue? { kind == .named ? PickleValue(.text, payload) : nil }

    private var range: (offset: UInt64, count: Int) {
        (payload >> Self.lengthBits, Int(payload & UInt64(Self.textBytesMax)))
    }

    var number: UInt64? { kind == .number ? payload : nil }

    /// The place in the table of globals of a global, or of the one whose call returned this.
    var globalIndex: Int? {
        guard kind == .global || kind == .instance, self != .unknownInstance else { return nil }
        return Int(payload & 0xFFFF_FFFF)
    }

    /// The number of the type of NumPy's that it is; 0 for everything else.
    var typeNumber: Int { kind == .instance && self != .unknownInstance ? Int(payload >> 32) : 0 }

    var shapeIndex: Int? { kind == .shape ? Int(payload) : nil }

    var stateIndex: Int? { kind == .state ? Int(payload) : nil }
}

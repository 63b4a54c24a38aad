/// The arrays of joblib: a stream describes each of them in the state of a wrapper, and its bytes follow behind the
/// opcode that sets the state.
///
/// What is hidden between opcodes depends on these descriptions, so that they are followed through stack and memo like
/// everything else, and the last value of a key counts. What cannot be followed leaves the length unknown.
struct JoblibArrays {
    struct Layout: Sendable, Hashable {
        var sizeBytes: UInt64
        /// A byte before the array says how many bytes of padding follow it.
        var isAligned: Bool
        /// The array is a stream of its own.
        var holdsObjects: Bool
    }

    /// The state of a wrapper, as far as it has been built.
    private struct State {
        var isAligned = false
        /// Elements that the array has by its shape.
        var elementCount: UInt64?
        var type: String?
        /// Something was put into it that is not understood.
        var isUnclear = false
    }

    private static let dimensionsMax = 64
    private static let statesMax = 100_000
    private static let shapesMax = 200_000
    private static let typesMax = 4_096

    private var states: [State] = []
    /// Of each shape the elements that an array of it has; `nil` where that is no number of 64 bits. Hostile streams
    /// have very many of them.
    private var shapes: [UInt64?] = []
    private var types: [String] = []
    private var typeIndexes: [String: Int] = [:]
    /// Whether a wrapper was made that has no state yet.
    private(set) var isAwaitingState = false

    static func isWrapper(_ global: PickleFile.Global) -> Bool {
        global.module == "joblib.numpy_pickle" && global.name == "NumpyArrayWrapper"
    }

    static func isType(_ global: PickleFile.Global) -> Bool {
        global.module == "numpy" && global.name == "dtype"
    }

    mutating func called(_ global: PickleFile.Global) {
        if Self.isWrapper(global) { isAwaitingState = true }
    }

    /// A dictionary that may become the state of a wrapper.
    mutating func newDictionary() -> PickleValue {
        guard isAwaitingState, states.count < Self.statesMax else { return .data }
        states.append(State())
        return .state(states.count - 1)
    }

    /// A tuple that may become the shape of an array, the arguments that make a type, or the state of one.
    mutating func newTuple(_ elements: ArraySlice<PickleValue>) -> PickleValue {
        let plain = PickleValue.container(of: elements)
        if let first = elements.first, first.kind == .text, plain.isLight { return .tuple(beginningWith: first) }
        guard isAwaitingState, elements.count <= Self.dimensionsMax, shapes.count < Self.shapesMax else {
            return Self.description(elements) ?? plain
        }
        guard elements.allSatisfy({ $0.number != nil }) else { return Self.description(elements) ?? plain }
        shapes.append(TensorShape.elementCount(elements.compactMap(\.number)))
        return .shape(shapes.count - 1)
    }

    /// The same for the last few values of the stack: at most three, which are the state of no type.
    ///
    /// - Parameter count: values that the stack has.
    mutating func newTuple(of count: Int, onTopOf stack: [PickleValue]) -> PickleValue {
        guard !isAwaitingState else { return newTuple(stack.suffix(count)) }
        let plain = PickleValue.container(of: stack.suffix(count))
        let first = stack[stack.count - count]
        return first.kind == .text && plain.isLight ? .tuple(beginningWith: first) : plain
    }

    /// Version, byte order, base, names, fields, size, alignment, flags (NumPy, `arraydescr_reduce`). Sizes and flags
    /// that do not fit are none that NumPy writes.
    private static func description(_ elements: ArraySlice<PickleValue>) -> PickleValue? {
        guard 6...9 ~= elements.count else { return nil }
        let elements = Array(elements)
        guard elements[0].number == 3 || elements[0].number == 4 else { return nil }
        let flags = elements.count > 7 ? elements[7].number : 0
        guard let flags, flags <= 0xFF else { return nil }
        guard let size = elements[5].number else { return .description(sizeBytes: nil, flags: UInt8(flags)) }
        guard let size = UInt32(exactly: size) else { return nil }
        return .description(sizeBytes: size, flags: UInt8(flags))
    }

    /// A type of NumPy's is given a state. One that makes its items longer or shorter, or objects of them, leaves the
    /// length of its arrays unknown.
    mutating func build(type number: Int, _ state: PickleValue) {
        guard number > 0, number <= types.count else { return }
        let name = types[number - 1]
        let isObject = name.hasPrefix("O")
        let isFlexible = ["S", "U", "V", "a"].contains(name.prefix(1))
        guard let described = state.described, (described.flags & 1 == 1) == isObject,
            !isFlexible || described.sizeBytes.map(UInt64.init) == Self.itemBytes(name)
        else {
            types[number - 1] = ""
            return
        }
    }

    /// - Returns: the number of the type, from 1 on; 0 where there are too many.
    mutating func number(ofType name: String) -> Int {
        if let index = typeIndexes[name] { return index + 1 }
        guard types.count < Self.typesMax else { return 0 }
        types.append(name)
        typeIndexes[name] = types.count - 1
        return types.count
    }

    /// Puts a value under a key. A key that is no plain text may be any.
    mutating func set(_ key: String?, _ value: PickleValue, of state: PickleValue) {
        guard let index = state.stateIndex, states.indices.contains(index) else { return }
        switch key {
        case "shape":
            states[index].elementCount = value.shapeIndex.flatMap { shapes.indices.contains($0) ? shapes[$0] : nil }
        case "dtype":
            let number = value.typeNumber
            states[index].type = number > 0 && number <= types.count ? types[number - 1] : nil
        case "numpy_array_alignment_bytes": states[index].isAligned = value.number != nil
        case nil: states[index].isUnclear = true
        default: break
        }
    }

    /// Ends the wait for a state.
    ///
    /// - Returns: `nil` when it does not tell how long the array is.
    mutating func finish(_ state: PickleValue) -> Layout? {
        isAwaitingState = false
        guard let index = state.stateIndex, states.indices.contains(index), !states[index].isUnclear,
            let count = states[index].elementCount, let type = states[index].type,
            let itemBytes = Self.itemBytes(type)
        else { return nil }
        let (size, overflow) = itemBytes.multipliedReportingOverflow(by: count)
        guard !overflow else { return nil }
        return Layout(sizeBytes: size, isAligned: states[index].isAligned, holdsObjects: type.hasPrefix("O"))
    }

    /// Bytes of one item by the name that NumPy gives its type: a letter and a count.
    private static func itemBytes(_ type: String) -> UInt64? {
        guard let letter = type.first, let count = UInt64(type.dropFirst()) else { return nil }
        switch letter {
        case "b", "i", "u", "f", "c", "S", "a", "V", "M", "m", "O": return count
        case "U":
            let (bytes, overflow) = count.multipliedReportingOverflow(by: 4)
            return overflow ? nil : bytes
        default: return nil
        }
    }
}

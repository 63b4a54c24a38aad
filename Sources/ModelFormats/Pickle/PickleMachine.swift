/// Follows one pickle stream with a stack of what is known about its values. Nothing is imported, called or built.
///
/// Where CPython's two implementations differ, or a stream would fail, what came before counts: it would have been
/// done by then.
struct PickleMachine {
    /// How a stream ended.
    enum End {
        case stopped
        /// It cannot be followed any further; the issue says why.
        case broken
    }

    private let source: any ByteSource
    private let limits: PickleLimits
    var reader: ByteReader
    private var stack: [PickleValue] = []
    /// How many values were on the stack at each mark.
    private var marks: [Int] = []
    private var memo: PickleMemo
    private var start: UInt64
    /// Where the opcode at hand stands.
    private(set) var place: UInt64
    private var frameEnd: UInt64?
    private var arrays = JoblibArrays()
    private var isBroken = false
    /// Streams around this one.
    private let nesting: Int
    /// Whether the bytes behind a wrapper of joblib are those of an array: to joblib they are, to `pickle` not.
    private var readsArrays: Bool
    /// Values that may still be copied to look at the bytes of arrays as `pickle` would.
    private var copiesLeft = 1 << 28

    /// Arrays of objects inside arrays of objects.
    private static let nestingMax = 8

    init(
        _ source: any ByteSource, _ reader: ByteReader, _ limits: PickleLimits, nesting: Int = 0,
        readsArrays: Bool = true
    ) {
        self.source = source
        self.reader = reader
        self.limits = limits
        self.nesting = nesting
        self.readsArrays = readsArrays
        memo = PickleMemo(countMax: limits.memoMax)
        start = reader.offset
        place = reader.offset
    }

    mutating func run(_ globals: inout PickleGlobals, _ file: inout PickleFile) throws(FormatFault) -> End {
        do throws(FormatFault) {
            while true {
                place = reader.offset
                checkFrame(&file)
                guard file.opcodeCount < limits.opcodesMax else {
                    throw .limitExceeded(.pickleOpcodes, offset: place)
                }
                let byte = try reader.uint8()
                file.opcodeCount += 1
                guard let opcode = PickleOpcode(rawValue: byte) else {
                    file.add(.unknownOpcode, at: place, "0x" + Hexadecimal.text([byte]))
                    return .broken
                }
                if opcode == .stop {
                    if depth < 1 { file.add(.underflow, at: place) }
                    return .stopped
                }
                try step(opcode, &globals, &file)
                if isBroken { return .broken }
            }
        } catch .truncated {
            file.add(.truncated, at: place)
            return .broken
        } catch {
            throw error
        }
    }

    private mutating func step(
        _ opcode: PickleOpcode, _ globals: inout PickleGlobals, _ file: inout PickleFile
    ) throws(FormatFault) {
        if try pushesData(opcode, &file) { return }
        if try movesStack(opcode, &file) { return }
        if try namesGlobal(opcode, &globals, &file) { return }
        try builds(opcode, &globals, &file)
    }
}

// The stack.
extension PickleMachine {
    /// Values above the last mark.
    private var depth: Int { stack.count - (marks.last ?? 0) }

    private mutating func push(_ value: PickleValue) throws(FormatFault) {
        guard stack.count < limits.stackMax else { throw .limitExceeded(.pickleStack, offset: place) }
        stack.append(value)
    }

    private mutating func pop(_ file: inout PickleFile) -> PickleValue {
        guard depth > 0, let value = stack.popLast() else {
            fail(.underflow, &file)
            return .data
        }
        return value
    }

    /// Takes what is above the last mark, and the mark.
    ///
    /// - Returns: the lowest of the values, if there are any.
    @discardableResult
    private mutating func popMark(_ file: inout PickleFile) -> PickleValue? {
        guard let height = marks.popLast() else {
            fail(.underflow, &file)
            return nil
        }
        let lowest = height < stack.count ? stack[height] : nil
        stack.removeLast(stack.count - height)
        return lowest
    }

    /// Takes what is above the last mark, and the mark.
    private mutating func popValues(_ file: inout PickleFile) -> [PickleValue]? {
        guard let height = marks.popLast() else {
            fail(.underflow, &file)
            return nil
        }
        // A slice of the stack would keep all of it alive: removing its end would copy the rest.
        let values = Array(stack[height...])
        stack.removeLast(stack.count - height)
        return values
    }

    private mutating func fail(_ kind: PickleFile.Kind, _ file: inout PickleFile, _ subject: String = "") {
        file.add(kind, at: place, subject)
        isBroken = true
    }
}

// Opcodes that put a value on the stack and do nothing else.
extension PickleMachine {
    private mutating func pushesData(_ opcode: PickleOpcode, _ file: inout PickleFile) throws(FormatFault) -> Bool {
        switch opcode {
        case .none, .emptyList, .emptySet, .newTrue, .newFalse: try push(.data)
        case .emptyDict: try push(arrays.newDictionary())
        case .emptyTuple: try push(arrays.newTuple([]))
        case .binInt1: try pushNumber(UInt64(try reader.uint8()))
        case .binInt2: try pushNumber(UInt64(try reader.uint16()))
        case .binInt:
            let value = Int32(truncatingIfNeeded: try reader.uint32())
            if value < 0 { try push(.data) } else { try pushNumber(UInt64(value)) }
        case .binFloat: try skipAndPush(8)
        case .long1: try pushLong(UInt64(try reader.uint8()))
        case .long4:
            let count = try reader.uint32()
            guard count < 1 << 31 else {
                fail(.argument, &file, "a number of negative length")
                return true
            }
            try pushLong(UInt64(count))
        case .shortBinBytes: try pushBytes(UInt64(try reader.uint8()), &file)
        case .binBytes: try pushBytes(UInt64(try reader.uint32()), &file)
        case .binBytes8, .byteArray8: try pushBytes(try reader.uint64(), &file)
        // What Python 2 wrote as a text, Python 3 reads as one.
        case .shortBinString, .shortBinUnicode: try pushText(UInt64(try reader.uint8()))
        case .binString, .binUnicode: try pushText(UInt64(try reader.uint32()))
        case .binUnicode8: try pushText(try reader.uint64())
        case .int, .long, .float: try pushLine(&file)
        case .string: try pushQuoted(&file)
        case .unicode: try pushEscaped()
        default: return false
        }
        return true
    }

    private mutating func pushNumber(_ value: UInt64) throws(FormatFault) {
        try push(.number(value))
    }

    private mutating func pushLong(_ count: UInt64) throws(FormatFault) {
        guard count <= 7 else {
            try reader.skip(count)
            return try push(.hugeNumber)
        }
        var value: UInt64 = 0
        for index in 0..<count { value |= UInt64(try reader.uint8()) << (8 * index) }
        try pushNumber(value)
    }

    private mutating func skipAndPush(_ count: UInt64) throws(FormatFault) {
        try reader.skip(count)
        try push(.data)
    }

    private mutating func pushBytes(_ count: UInt64, _ file: inout PickleFile) throws(FormatFault) {
        let offset = reader.offset
        guard count >= 2, try reader.peek() == PickleOpcode.proto.rawValue else { return try skipAndPush(count) }
        _ = try reader.uint8()
        let version = try reader.uint8()
        try skipAndPush(count - 2)
        guard (2...PickleOpcode.protocolMax).contains(version) else { return }
        guard file.nested.count < PickleFile.nestedMax else { return file.add(.unreadNested, at: offset) }
        file.nested.append(offset..<(offset + count))
    }

    private mutating func pushText(_ count: UInt64) throws(FormatFault) {
        let offset = reader.offset
        try reader.skip(count)
        try push(.text(at: offset, count: count))
    }

    private mutating func pushLine(_ file: inout PickleFile) throws(FormatFault) {
        let line = try line()
        guard line.count > 0 else { return fail(.argument, &file, "an empty number") }
        try push(line.count > Self.countDigitsMax ? .hugeNumber : .data)
    }

    /// Digits of the numbers that count what is in a file.
    private static let countDigitsMax: UInt64 = 10

    /// STRING: a literal of Python with its quotation marks. Its escapes spell other characters.
    private mutating func pushQuoted(_ file: inout PickleFile) throws(FormatFault) {
        let line = try line()
        guard line.count >= 2, line.first == line.last,
            line.first == UInt8(ascii: "'") || line.first == UInt8(ascii: "\"")
        else { return fail(.argument, &file, "a text without quotation marks") }
        try push(line.hasEscape ? .escapedText : .text(at: line.offset + 1, count: line.count - 2))
    }

    /// UNICODE: `raw-unicode-escape`, in which `\u` spells other characters.
    private mutating func pushEscaped() throws(FormatFault) {
        let line = try line()
        try push(line.hasEscape ? .escapedText : .text(at: line.offset, count: line.count))
    }

    private struct Line {
        var offset: UInt64
        var count: UInt64 = 0
        var first: UInt8?
        var last: UInt8?
        var hasEscape = false
    }

    /// Reads to the next line feed. A line does not have to fit into memory.
    private mutating func line() throws(FormatFault) -> Line {
        var line = Line(offset: reader.offset)
        while true {
            let byte = try reader.uint8()
            if byte == 0x0A { return line }
            if line.count == 0 { line.first = byte }
            line.last = byte
            line.count += 1
            if byte == UInt8(ascii: "\\") { line.hasEscape = true }
            guard line.count <= UInt64(limits.lineBytesMax) else {
                throw .limitExceeded(.pickleLine, offset: place)
            }
        }
    }

    /// The characters of a text that may be a name.
    private func text(of value: PickleValue) throws(FormatFault) -> String? {
        guard let range = value.textRange else { return nil }
        if let bytes = reader.recent(at: range.offset, count: range.count) {
            return String(decoding: bytes, as: UTF8.self)
        }
        return String(decoding: try source.bytes(at: range.offset, count: range.count), as: UTF8.self)
    }
}

// Opcodes that move values between stack and memo, or join them to containers.
extension PickleMachine {
    private mutating func movesStack(_ opcode: PickleOpcode, _ file: inout PickleFile) throws(FormatFault) -> Bool {
        switch opcode {
        case .mark:
            guard marks.count < limits.marksMax else { throw .limitExceeded(.pickleMarks, offset: place) }
            marks.append(stack.count)
        case .pop:
            if depth == 0, !marks.isEmpty { marks.removeLast() } else { _ = pop(&file) }
        case .popMark: popMark(&file)
        case .dup:
            let value = pop(&file)
            try push(value)
            try push(value)
        case .memoize: try put(at: memo.count, &file)
        case .binPut: try put(at: UInt64(try reader.uint8()), &file)
        case .longBinPut: try put(at: UInt64(try reader.uint32()), &file)
        case .put: try put(at: try key(), &file)
        case .binGet: try get(UInt64(try reader.uint8()), &file)
        case .longBinGet: try get(UInt64(try reader.uint32()), &file)
        case .get: try get(try key(), &file)
        case .append: _ = pop(&file)
        case .setItem:
            let (value, key) = (pop(&file), pop(&file))
            try set([key, value], of: top(&file))
        case .setItems:
            guard let items = popValues(&file) else { return true }
            if depth > 0 { try set(items, of: top(&file)) }
        case .appends, .addItems: popMark(&file)
        case .dict:
            guard let items = popValues(&file) else { return true }
            let dictionary = arrays.newDictionary()
            try set(items, of: dictionary)
            try push(dictionary)
        case .list, .frozenSet:
            popMark(&file)
            try push(.data)
        case .tuple:
            guard let elements = popValues(&file) else { return true }
            try pushTuple(arrays.newTuple(elements[...]), &file)
        case .tuple1, .tuple2, .tuple3:
            let count = Int(opcode.rawValue - PickleOpcode.tuple1.rawValue) + 1
            guard depth >= count else {
                fail(.underflow, &file)
                return true
            }
            let tuple = arrays.newTuple(of: count, onTopOf: stack)
            stack.removeLast(count)
            try pushTuple(tuple, &file)
        default: return false
        }
        return true
    }

    /// Whoever hashes or compares a tuple goes through all that is in it, however often the same is there.
    private mutating func pushTuple(_ tuple: PickleValue, _ file: inout PickleFile) throws(FormatFault) {
        if tuple.weight > PickleCost.weightMin, tuple.weight / PickleCost.weightPerOpcode > file.opcodeCount {
            file.add(.expensive, at: place, "a tuple in which the same values are met again and again")
        }
        try push(tuple)
    }

    /// Keys and values, one after the other, for a dictionary that may describe an array.
    private mutating func set(
        _ items: [PickleValue], of dictionary: PickleValue
    ) throws(FormatFault) {
        guard dictionary.stateIndex != nil else { return }
        var index = items.startIndex
        while index + 1 < items.endIndex {
            let key = items[index].kind == .text ? try text(of: items[index]) : nil
            arrays.set(key, items[index + 1], of: dictionary)
            index += 2
        }
    }

    private mutating func top(_ file: inout PickleFile) -> PickleValue {
        guard depth > 0, let value = stack.last else {
            fail(.underflow, &file)
            return .data
        }
        return value
    }

    private mutating func put(at key: UInt64?, _ file: inout PickleFile) throws(FormatFault) {
        guard let key else { return fail(.argument, &file, "a key that is no number") }
        guard memo.put(top(&file), at: key) else { throw .limitExceeded(.pickleMemo, offset: place) }
    }

    private mutating func get(_ key: UInt64?, _ file: inout PickleFile) throws(FormatFault) {
        guard let key else { return fail(.argument, &file, "a key that is no number") }
        guard let value = memo.get(key) else { return fail(.argument, &file, "a key that is not in use") }
        try push(value)
    }

    private mutating func key() throws(FormatFault) -> UInt64? {
        let line = try line()
        guard line.count <= Self.keyBytesMax else { return nil }
        return Self.number(try source.bytes(at: line.offset, count: Int(line.count))[...])
    }

    private static let keyBytesMax: UInt64 = 64

    /// A number as `int()` of Python takes it: space around it, a sign, underscores between digits.
    private static func number(_ text: ArraySlice<UInt8>) -> UInt64? {
        let space: Set<UInt8> = [0x20, 0x09, 0x0B, 0x0C, 0x0D]
        var digits = text.drop(while: space.contains)
        while let last = digits.last, space.contains(last) { digits = digits.dropLast() }
        if digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
        let parts = digits.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 } }) else {
            return nil
        }
        return UInt64(String(decoding: parts.joined(), as: UTF8.self))
    }
}

// Opcodes that name a global.
extension PickleMachine {
    private mutating func namesGlobal(
        _ opcode: PickleOpcode, _ globals: inout PickleGlobals, _ file: inout PickleFile
    ) throws(FormatFault) -> Bool {
        switch opcode {
        case .global:
            guard let index = try namedByLines(&globals, &file) else { return true }
            try push(.global(index))
        case .inst:
            guard let index = try namedByLines(&globals, &file) else { return true }
            let arguments = popValues(&file)
            // Without a mark the loader gives up before it calls.
            guard !isBroken else { return true }
            globals.called(index)
            checkCost(of: globals.all[index], .container(of: (arguments ?? [])[...]), &file)
            try push(.instance(of: index))
        case .stackGlobal:
            let name = pop(&file)
            let module = pop(&file)
            guard !isBroken else { return true }
            guard let index = try named(module, name, &globals) else {
                file.add(.hiddenName, at: place)
                try push(.unknownInstance)
                return true
            }
            try push(.global(index))
        case .extension1, .extension2, .extension4:
            let code =
                switch opcode {
                case .extension1: UInt32(try reader.uint8())
                case .extension2: UInt32(try reader.uint16())
                default: try reader.uint32()
                }
            file.add(.extensionCode, at: place, "\(code)")
            try push(.unknownInstance)
        default: return false
        }
        return true
    }

    private mutating func namedByLines(
        _ globals: inout PickleGlobals, _ file: inout PickleFile
    ) throws(FormatFault) -> Int? {
        let (module, name) = (try line(), try line())
        guard module.count <= PickleValue.textBytesMax, name.count <= PickleValue.textBytesMax else {
            file.add(.hiddenName, at: place, "a name of \(max(module.count, name.count)) bytes")
            try push(.unknownInstance)
            return nil
        }
        // Both lines as they stand: a stream may name what it means a million times.
        let lines = reader.recent(at: module.offset, count: Int(module.count + 1 + name.count)).map { Array($0) }
        if let lines, let index = globals.index(lines: lines) { return index }
        let index = try globals.index(
            module: try text(of: .text(at: module.offset, count: module.count)) ?? "",
            name: try text(of: .text(at: name.offset, count: name.count)) ?? "", at: place)
        if let lines { globals.remember(index, lines: lines) }
        return index
    }

    private func named(
        _ module: PickleValue, _ name: PickleValue, _ globals: inout PickleGlobals
    ) throws(FormatFault) -> Int? {
        if let index = globals.index(module: module, name: name) { return index }
        guard let moduleText = try text(of: module), let nameText = try text(of: name) else { return nil }
        let index = try globals.index(module: moduleText, name: nameText, at: place)
        globals.remember(index, module: module, name: name)
        return index
    }
}

// Opcodes that call something, and those about the stream itself.
extension PickleMachine {
    private mutating func builds(
        _ opcode: PickleOpcode, _ globals: inout PickleGlobals, _ file: inout PickleFile
    ) throws(FormatFault) {
        switch opcode {
        case .reduce, .newObject:
            let arguments = pop(&file)
            try call(pop(&file), arguments, &globals, &file)
        case .newObjectEx:
            _ = pop(&file)
            let arguments = pop(&file)
            try call(pop(&file), arguments, &globals, &file)
        case .obj:
            guard let values = popValues(&file), let callee = values.first else { return fail(.underflow, &file) }
            try call(callee, .container(of: values.dropFirst()), &globals, &file)
        case .build:
            let state = pop(&file)
            let target = top(&file)
            guard let index = target.globalIndex else { return }
            arrays.build(type: target.typeNumber, state)
            // A logger is the program's own, not the file's.
            if target.kind == .global || globals.all[index].qualifiedName == "logging.getLogger" {
                file.add(.changedGlobal, at: place, globals.all[index].qualifiedName)
            } else if readsArrays, JoblibArrays.isWrapper(globals.all[index]) {
                try readJoblibArray(state, &globals, &file)
            }
        case .persistentID:
            _ = try line()
            file.add(.persistentID, at: place)
            try push(.data)
        case .binPersistentID:
            _ = pop(&file)
            file.add(.persistentID, at: place)
            try push(.data)
        case .nextBuffer:
            file.add(.outOfBandBuffer, at: place)
            try push(.data)
        case .readOnlyBuffer: _ = top(&file)
        case .proto: try declare(&file)
        case .frame: try openFrame(&file)
        default: fail(.unknownOpcode, &file, "\(opcode)")
        }
    }

    private mutating func call(
        _ callee: PickleValue, _ arguments: PickleValue, _ globals: inout PickleGlobals, _ file: inout PickleFile
    ) throws(FormatFault) {
        guard !isBroken else { return }
        guard callee.kind == .global, let index = callee.globalIndex else {
            let origin = callee.globalIndex.map { globals.all[$0].qualifiedName } ?? ""
            file.add(.computedCall, at: place, origin)
            return try push(.unknownInstance)
        }
        globals.called(index)
        checkCost(of: globals.all[index], arguments, &file)
        arrays.called(globals.all[index])
        guard JoblibArrays.isType(globals.all[index]), let first = arguments.firstText,
            let name = try text(of: first)
        else { return try push(.instance(of: index)) }
        try push(.instance(of: index, type: arrays.number(ofType: name)))
    }

    private func checkCost(of global: PickleFile.Global, _ arguments: PickleValue, _ file: inout PickleFile) {
        guard arguments.isHuge, PickleCost.takesSize(global) else { return }
        file.add(.expensive, at: place, "\(global.qualifiedName) of a huge size")
    }

    private mutating func declare(_ file: inout PickleFile) throws(FormatFault) {
        let version = try reader.uint8()
        if place != start { file.add(.lateProtocol, at: place) }
        guard version <= PickleOpcode.protocolMax else { return fail(.unknownProtocol, &file, "\(version)") }
        file.protocolVersion = max(file.protocolVersion, version)
    }

    private mutating func openFrame(_ file: inout PickleFile) throws(FormatFault) {
        let count = try reader.uint64()
        if frameEnd != nil { file.add(.frame, at: place, "a frame begins inside another one") }
        guard count <= reader.remaining else {
            file.add(.frame, at: place, "a frame is longer than the file")
            return
        }
        frameEnd = reader.offset + count
    }

    /// Opcodes do not reach across the end of a frame.
    private mutating func checkFrame(_ file: inout PickleFile) {
        guard let end = frameEnd, place >= end else { return }
        if place > end { file.add(.frame, at: place, "an opcode reaches across the end of a frame") }
        frameEnd = nil
    }

    /// Behind a wrapper of joblib stand the bytes of its array (joblib, `numpy_pickle.py`).
    private mutating func readJoblibArray(
        _ state: PickleValue, _ globals: inout PickleGlobals, _ file: inout PickleFile
    ) throws(FormatFault) {
        guard let array = arrays.finish(state) else { return fail(.joblibArray, &file) }
        let start = reader.offset
        // The frame was ended before the bytes of the array.
        if frameEnd == start { frameEnd = nil }
        if !array.holdsObjects {
            if array.isAligned { try reader.skip(UInt64(try reader.uint8())) }
            try reader.skip(array.sizeBytes)
        }
        if file.arrays.count < PickleFile.arraysMax { file.arrays.append(start..<reader.offset) }
        // From now on the array stands where the wrapper stood.
        if !stack.isEmpty { stack[stack.count - 1] = .data }
        guard array.holdsObjects else { return try followArray(start..<reader.offset, &globals, &file) }
        guard nesting < Self.nestingMax else { return fail(.joblibArray, &file) }
        var inner = PickleMachine(source, reader, limits, nesting: nesting + 1, readsArrays: false)
        isBroken = try inner.run(&globals, &file) == .broken
        reader = inner.reader
    }

    /// Who loads the file with `pickle` and not with joblib does what stands in the bytes of an array, as far as they
    /// are opcodes. Numbers may look like some, but they call nothing that has a name.
    private mutating func followArray(
        _ bytes: Range<UInt64>, _ globals: inout PickleGlobals, _ file: inout PickleFile
    ) throws(FormatFault) {
        var copy = ByteReader(source, from: bytes.lowerBound, end: min(bytes.upperBound, bytes.lowerBound + 1))
        guard let first = try copy.peek(), PickleOpcode(rawValue: first) != nil else { return }
        copiesLeft -= stack.count + globals.all.count + 1 << 16
        guard copiesLeft > 0 else { return file.add(.joblibArray, at: place) }
        var plain = self
        plain.reader = ByteReader(source, from: bytes.lowerBound, end: bytes.upperBound)
        (plain.readsArrays, plain.frameEnd) = (false, nil)
        var (found, rest) = (globals, PickleFile())
        _ = try plain.run(&found, &rest)
        for global in found.all.dropFirst(globals.all.count) where global.isCalled && global.isPlain {
            globals.called(try globals.index(module: global.module, name: global.name, at: global.offset))
        }
    }
}

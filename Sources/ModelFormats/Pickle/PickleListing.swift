/// Takes a pickle apart into its opcodes, one after the other, in memory that does not grow.
///
/// Where a stream ends and what lies behind it is not decided here: the end comes from whoever followed the streams
/// (`PickleFile.end`), and so do the ranges between opcodes that hold bytes of arrays.
public struct PickleListing {
    public struct Line: Sendable, Hashable {
        public let offset: UInt64
        /// As `pickletools` names it; `nil` for a byte that is no opcode.
        public let opcode: PickleOpcode?
        /// For people: abbreviated, controls escaped.
        public let argument: String
        /// Module and name, where the opcode itself holds them.
        public let global: (module: String, name: String)?

        public static func == (left: Line, right: Line) -> Bool {
            left.offset == right.offset && left.opcode == right.opcode && left.argument == right.argument
        }

        public func hash(into hasher: inout Hasher) {
            hasher.combine(offset)
        }
    }

    private var reader: ByteReader
    private var end: UInt64
    private var arrays: ArraySlice<Range<UInt64>>

    private static let excerptScalars = 80
    /// Bytes of a line or run that are looked at for the excerpt.
    private static let excerptBytes = 320

    public init(_ source: any ByteSource, _ file: PickleFile) {
        reader = ByteReader(source, end: source.sizeBytes)
        end = min(file.end, source.sizeBytes)
        arrays = file.arrays[...]
    }

    /// - Returns: the next opcode; `nil` at the end.
    public mutating func next() throws(FormatFault) -> Line? {
        while let array = arrays.first, array.lowerBound <= reader.offset {
            if array.upperBound > reader.offset { try reader.skip(array.upperBound - reader.offset) }
            arrays = arrays.dropFirst()
        }
        guard reader.offset < end else { return nil }
        let offset = reader.offset
        let byte = try reader.uint8()
        guard let opcode = PickleOpcode(rawValue: byte) else {
            return Line(offset: offset, opcode: nil, argument: "0x" + Hexadecimal.text([byte]), global: nil)
        }
        do throws(FormatFault) {
            return try line(opcode, at: offset)
        } catch {
            guard case .truncated = error else { throw error }
            // The source ends inside of it, so it is the last one.
            end = offset
            return Line(offset: offset, opcode: opcode, argument: "", global: nil)
        }
    }

    private mutating func line(_ opcode: PickleOpcode, at offset: UInt64) throws(FormatFault) -> Line {
        switch opcode.argument {
        case .nothing: return Line(offset: offset, opcode: opcode, argument: "", global: nil)
        case .number(let count):
            return Line(offset: offset, opcode: opcode, argument: try number(opcode, count), global: nil)
        case .line:
            return Line(offset: offset, opcode: opcode, argument: Self.excerpt(try line()), global: nil)
        case .names:
            let (module, name) = (try line(), try line())
            let global = (String(decoding: module, as: UTF8.self), String(decoding: name, as: UTF8.self))
            return Line(
                offset: offset, opcode: opcode, argument: Self.excerpt(module) + " " + Self.excerpt(name),
                global: global)
        case .run(let count):
            return Line(offset: offset, opcode: opcode, argument: try run(opcode, count), global: nil)
        }
    }

    private mutating func number(_ opcode: PickleOpcode, _ count: Int) throws(FormatFault) -> String {
        switch (opcode, count) {
        case (.binInt, _): return "\(Int32(bitPattern: try reader.uint32()))"
        case (.binFloat, _): return "\(Double(bitPattern: try reader.uint64().byteSwapped))"
        case (_, 1): return "\(try reader.uint8())"
        case (_, 2): return "\(try reader.uint16())"
        case (_, 4): return "\(try reader.uint32())"
        default: return "\(try reader.uint64())"
        }
    }

    /// The beginning of a line, which is read to its end.
    private mutating func line() throws(FormatFault) -> [UInt8] {
        var kept: [UInt8] = []
        while true {
            let byte = try reader.uint8()
            if byte == 0x0A { return kept }
            if kept.count < Self.excerptBytes { kept.append(byte) }
        }
    }

    private mutating func run(_ opcode: PickleOpcode, _ lengthBytes: Int) throws(FormatFault) -> String {
        let length: UInt64 =
            switch lengthBytes {
            case 1: UInt64(try reader.uint8())
            case 4: UInt64(try reader.uint32())
            default: try reader.uint64()
            }
        let head = try reader.bytes(Int(min(length, UInt64(Self.excerptBytes), reader.remaining)))
        try reader.skip(length - UInt64(head.count))
        switch opcode {
        case .shortBinString, .binString, .shortBinUnicode, .binUnicode, .binUnicode8:
            return Self.excerpt(head) + (length > UInt64(head.count) ? " (\(length) bytes)" : "")
        case .long1, .long4:
            // Two's complement, little-endian, as many bytes as it takes.
            guard length <= 8, head.count <= 8 else { return Self.hexadecimal(head, length) }
            let isNegative = head.last.map { $0 & 0x80 != 0 } ?? false
            let padded = head + [UInt8](repeating: isNegative ? 0xFF : 0, count: 8 - head.count)
            return "\(padded.reversed().reduce(Int64(0)) { $0 << 8 | Int64($1) })"
        default:
            return Self.hexadecimal(head, length)
        }
    }

    private static func hexadecimal(_ head: [UInt8], _ length: UInt64) -> String {
        "\(length) bytes" + (head.isEmpty ? "" : ": " + Hexadecimal.text(head.prefix(16)))
    }

    private static func excerpt(_ bytes: [UInt8]) -> String {
        "'" + VisibleText.excerpt(String(decoding: bytes, as: UTF8.self), scalarsMax: excerptScalars) + "'"
    }
}

extension PickleOpcode {
    /// As `pickletools` of CPython names it.
    public var name: String {
        switch self {
        case .mark: "MARK"
        case .stop: "STOP"
        case .pop: "POP"
        case .popMark: "POP_MARK"
        case .dup: "DUP"
        case .float: "FLOAT"
        case .int: "INT"
        case .binInt: "BININT"
        case .binInt1: "BININT1"
        case .long: "LONG"
        case .binInt2: "BININT2"
        case .none: "NONE"
        case .persistentID: "PERSID"
        case .binPersistentID: "BINPERSID"
        case .reduce: "REDUCE"
        case .string: "STRING"
        case .binString: "BINSTRING"
        case .shortBinString: "SHORT_BINSTRING"
        case .unicode: "UNICODE"
        case .binUnicode: "BINUNICODE"
        case .append: "APPEND"
        case .build: "BUILD"
        case .global: "GLOBAL"
        case .dict: "DICT"
        case .emptyDict: "EMPTY_DICT"
        case .appends: "APPENDS"
        case .get: "GET"
        case .binGet: "BINGET"
        case .inst: "INST"
        case .longBinGet: "LONG_BINGET"
        case .list: "LIST"
        case .emptyList: "EMPTY_LIST"
        case .obj: "OBJ"
        case .put: "PUT"
        case .binPut: "BINPUT"
        case .longBinPut: "LONG_BINPUT"
        case .setItem: "SETITEM"
        case .tuple: "TUPLE"
        case .emptyTuple: "EMPTY_TUPLE"
        case .setItems: "SETITEMS"
        case .binFloat: "BINFLOAT"
        case .proto: "PROTO"
        case .newObject: "NEWOBJ"
        case .extension1: "EXT1"
        case .extension2: "EXT2"
        case .extension4: "EXT4"
        case .tuple1: "TUPLE1"
        case .tuple2: "TUPLE2"
        case .tuple3: "TUPLE3"
        case .newTrue: "NEWTRUE"
        case .newFalse: "NEWFALSE"
        case .long1: "LONG1"
        case .long4: "LONG4"
        case .binBytes: "BINBYTES"
        case .shortBinBytes: "SHORT_BINBYTES"
        case .shortBinUnicode: "SHORT_BINUNICODE"
        case .binUnicode8: "BINUNICODE8"
        case .binBytes8: "BINBYTES8"
        case .emptySet: "EMPTY_SET"
        case .addItems: "ADDITEMS"
        case .frozenSet: "FROZENSET"
        case .newObjectEx: "NEWOBJ_EX"
        case .stackGlobal: "STACK_GLOBAL"
        case .memoize: "MEMOIZE"
        case .frame: "FRAME"
        case .byteArray8: "BYTEARRAY8"
        case .nextBuffer: "NEXT_BUFFER"
        case .readOnlyBuffer: "READONLY_BUFFER"
        }
    }
}

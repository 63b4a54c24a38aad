import ModelFormats

/// Pickle streams, opcode by opcode.
struct PickleBuilder {
    private(set) var bytes: [UInt8] = []

    init(_ version: UInt8? = nil) {
        if let version { add(.proto, [version]) }
    }

    mutating func add(_ opcode: PickleOpcode, _ argument: [UInt8] = []) {
        bytes.append(opcode.rawValue)
        bytes += argument
    }

    mutating func raw(_ more: [UInt8]) {
        bytes += more
    }

    mutating func add(_ opcode: PickleOpcode, line: String) {
        add(opcode, Array((line + "\n").utf8))
    }

    /// A text with its length in one byte.
    mutating func text(_ text: String) {
        add(.shortBinUnicode, [UInt8(text.utf8.count)] + Array(text.utf8))
    }

    mutating func global(_ module: String, _ name: String) {
        add(.global, line: "\(module)\n\(name)")
    }

    mutating func stackGlobal(_ module: String, _ name: String) {
        text(module)
        text(name)
        add(.stackGlobal)
    }

    /// Calls the global with one value.
    mutating func called(_ module: String, _ name: String, _ opcode: PickleOpcode, _ argument: [UInt8]) {
        global(module, name)
        add(opcode, argument)
        add(.tuple1)
        add(.reduce)
    }

    /// Calls the global with an empty tuple.
    mutating func call(_ module: String, _ name: String) {
        global(module, name)
        add(.emptyTuple)
        add(.reduce)
    }

    static func stream(_ version: UInt8? = 2, _ build: (inout PickleBuilder) -> Void) -> [UInt8] {
        var builder = PickleBuilder(version)
        build(&builder)
        builder.add(.stop)
        return builder.bytes
    }
}

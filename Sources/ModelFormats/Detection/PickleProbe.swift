/// Recognises pickle streams by walking through their opcodes. Nothing is executed or kept.
enum PickleProbe {
    /// Protocol 2 and later begin with PROTO.
    static func hasProtocolMark(_ head: [UInt8]) -> Bool { head.count >= 2 && head[0] == 0x80 && head[1] <= 5 }

    /// Protocols 0 and 1 have no mark and may look like text. Such a stream is recognised where an opcode that calls
    /// something, or the end of the file after STOP, is reached without a single opcode being wrong before it.
    static func recognises(_ reader: ByteReader) throws(FormatFault) -> Bool {
        var walk = PickleWalk(reader: reader)
        return try walk.reachesProof()
    }
}

private struct PickleWalk {
    /// Text does not happen to consist of so many valid opcodes.
    private static let opcodesMax = 100_000

    private var reader: ByteReader
    /// Values on the stack since each mark; the last is the top.
    private var stack = [0]
    /// Whether something was named that could be called.
    private var hasGlobal = false

    init(reader: ByteReader) {
        self.reader = reader
    }

    private enum Step {
        case valid
        case invalid
        case proof
    }

    mutating func reachesProof() throws(FormatFault) -> Bool {
        do throws(FormatFault) {
            for _ in 0..<Self.opcodesMax {
                switch try step(try reader.uint8()) {
                case .proof: return true
                case .valid: continue
                case .invalid: return false
                }
            }
            return true
        } catch .truncated {
            return false
        } catch {
            throw error
        }
    }

    private mutating func step(_ opcode: UInt8) throws(FormatFault) -> Step {
        switch Unicode.Scalar(opcode) {
        case ")", "]", "}", "N", "\u{88}", "\u{89}": push()
        case "(": mark()
        case "l", "d", "t": popMark() ? push() : .invalid
        case "e", "u": popMark() && top >= 1 ? .valid : .invalid
        case "1": popMark() ? .valid : .invalid
        case "a": pop(2) ? push() : .invalid
        case "s": pop(3) ? push() : .invalid
        case "0": pop(1) ? .valid : .invalid
        case "2": top >= 1 ? push() : .invalid
        case ".": stop()
        case "R" where hasGlobal, "b" where hasGlobal: pop(2) ? .proof : .invalid
        case "o" where hasGlobal: stack.count > 1 && top >= 1 ? .proof : .invalid
        case "c": try names() ? pushGlobal() : .invalid
        case "i" where stack.count > 1: try names() ? .proof : .invalid
        case "I", "L", "g", "P": try line(of: Self.isNumberPart) ? push() : .invalid
        case "p" where top >= 1: try line(of: Self.isNumberPart) ? .valid : .invalid
        case "F", "V": try line(of: { _ in true }) ? push() : .invalid
        case "S": try quoted() ? push() : .invalid
        case "q" where top >= 1: try skip(1) ? .valid : .invalid
        case "r" where top >= 1: try skip(4) ? .valid : .invalid
        case "K", "h": try skip(1) ? push() : .invalid
        case "M": try skip(2) ? push() : .invalid
        case "J", "j": try skip(4) ? push() : .invalid
        case "G": try skip(8) ? push() : .invalid
        case "U": try skip(UInt64(try reader.uint8())) ? push() : .invalid
        case "X", "T": try skip(UInt64(try reader.uint32())) ? push() : .invalid
        default: .invalid
        }
    }

    private var top: Int { stack.last ?? 0 }

    /// Streams may follow one another.
    private mutating func stop() -> Step {
        guard top == 1, stack.count == 1 else { return .invalid }
        stack = [0]
        return reader.remaining == 0 ? .proof : .valid
    }

    private mutating func push() -> Step {
        stack[stack.count - 1] += 1
        return .valid
    }

    private mutating func pushGlobal() -> Step {
        hasGlobal = true
        return push()
    }

    private mutating func pop(_ count: Int) -> Bool {
        guard top >= count else { return false }
        stack[stack.count - 1] -= count
        return true
    }

    private mutating func mark() -> Step {
        stack.append(0)
        return .valid
    }

    private mutating func popMark() -> Bool {
        guard stack.count > 1 else { return false }
        stack.removeLast()
        return true
    }

    private mutating func skip(_ count: UInt64) throws(FormatFault) -> Bool {
        try reader.skip(count)
        return true
    }

    /// Reads a line that is not empty. Each of its bytes must be of the kind that the opcode takes.
    private mutating func line(of isPart: (UInt8) -> Bool) throws(FormatFault) -> Bool {
        var count = 0
        while true {
            let byte = try reader.uint8()
            if byte == 0x0A { return count > 0 }
            guard isPart(byte) else { return false }
            count += 1
        }
    }

    /// A module and a name.
    private mutating func names() throws(FormatFault) -> Bool {
        guard try line(of: Self.isNamePart) else { return false }
        return try line(of: Self.isNamePart)
    }

    private mutating func quoted() throws(FormatFault) -> Bool {
        let quote = try reader.uint8()
        guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { return false }
        return try line(of: { _ in true })
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
            UInt8(ascii: "."), UInt8(ascii: "0")...UInt8(ascii: "9"), 0x0D, 0x80...0xFF:
            true
        default: false
        }
    }

    private static func isNumberPart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "L"), 0x0D: true
        default: false
        }
    }
}

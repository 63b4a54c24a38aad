/// Recognises pickle streams by walking through their first opcodes. Nothing is executed or kept.
enum PickleProbe {
    private static let opcodesMax = 2000

    /// Protocol 2 and later begin with PROTO. Protocols 0 and 1 have no magic number and may look like text: there an
    /// opcode that ends a stream or that calls something must be reached without a single one being wrong.
    static func recognises(_ head: [UInt8]) -> Bool {
        if head.count >= 2, head[0] == 0x80, head[1] <= 5 { return true }
        var walk = Walk(bytes: head)
        return walk.reachesProof()
    }

    private struct Walk {
        let bytes: [UInt8]
        private var position = 0
        private var opcodes = 0
        private var hasNamedGlobal = false

        init(bytes: [UInt8]) {
            self.bytes = bytes
        }

        mutating func reachesProof() -> Bool {
            while opcodes < opcodesMax, position < bytes.count {
                let opcode = bytes[position]
                position += 1
                opcodes += 1
                switch step(opcode) {
                case .proof: return true
                case .valid: continue
                case .invalid: return false
                }
            }
            return false
        }

        private enum Step {
            case valid
            case invalid
            case proof
        }

        private mutating func step(_ opcode: UInt8) -> Step {
            switch Unicode.Scalar(opcode) {
            case "(", ")", "]", "}", "l", "d", "t", "a", "e", "s", "u", "0", "1", "2", "N", "\u{88}", "\u{89}": .valid
            case ".": opcodes > 1 && position == bytes.count ? .proof : .invalid
            case "R", "b", "o": hasNamedGlobal ? .proof : .invalid
            case "c": name(lines: 2)
            case "i": name(lines: 2) == .valid ? .proof : .invalid
            case "I", "L", "p", "g", "P": number()
            case "F": skipLine() ? .valid : .invalid
            case "S": quoted()
            case "V": skipLine() ? .valid : .invalid
            case "K", "q", "h": skip(1)
            case "M": skip(2)
            case "J", "j", "r": skip(4)
            case "G": skip(8)
            case "U": counted(1)
            case "X", "T": counted(4)
            default: .invalid
            }
        }

        private mutating func skip(_ count: Int) -> Step {
            guard count <= bytes.count - position else { return .invalid }
            position += count
            return .valid
        }

        private mutating func counted(_ lengthBytes: Int) -> Step {
            guard lengthBytes <= bytes.count - position else { return .invalid }
            let length = bytes[position..<position + lengthBytes].reversed().reduce(0) { $0 << 8 | Int($1) }
            position += lengthBytes
            return skip(length)
        }

        private mutating func line() -> ArraySlice<UInt8>? {
            guard let end = bytes[position...].firstIndex(of: 0x0A) else { return nil }
            defer { position = end + 1 }
            return bytes[position..<end]
        }

        private mutating func skipLine() -> Bool { line() != nil }

        private mutating func name(lines: Int) -> Step {
            for _ in 0..<lines {
                guard let line = line(), !line.isEmpty, line.allSatisfy(isNamePart) else { return .invalid }
            }
            hasNamedGlobal = true
            return .valid
        }

        private func isNamePart(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
                UInt8(ascii: "."), UInt8(ascii: "0")...UInt8(ascii: "9"), 0x0D, 0x80...0xFF:
                true
            default: false
            }
        }

        private mutating func number() -> Step {
            guard let line = line(), !line.isEmpty else { return .invalid }
            return line.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: "L") || byte == 0x0D
            } ? .valid : .invalid
        }

        private mutating func quoted() -> Step {
            guard let line = line(), let first = line.first else { return .invalid }
            return first == UInt8(ascii: "'") || first == UInt8(ascii: "\"") ? .valid : .invalid
        }
    }
}

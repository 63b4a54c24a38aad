/// Writes tar archives for tests.
struct TarBuilder {
    struct Member {
        var name: String
        var content: [UInt8]
        var type: Unicode.Scalar
        var target = ""
        /// What the header says; `nil`: the truth.
        var size: UInt64?
        /// `nil`: the truth.
        var checksum: UInt64?

        init(_ name: String, _ content: [UInt8] = [], type: Unicode.Scalar = "0") {
            self.name = name
            self.content = content
            self.type = type
        }

        init(_ name: String, linkTo target: String, type: Unicode.Scalar = "2") {
            self.init(name, type: type)
            self.target = target
        }

        /// An extended header for the next member.
        static func records(_ records: [(String, String)], type: Unicode.Scalar = "x") -> Member {
            let lines = records.map { key, value in
                let rest = " \(key)=\(value)\n"
                var length = rest.utf8.count + 1
                while "\(length)".utf8.count + rest.utf8.count != length { length += 1 }
                return "\(length)\(rest)"
            }
            return Member("PaxHeaders/x", Array(lines.joined().utf8), type: type)
        }

        func with(_ change: (inout Member) -> Void) -> Member {
            var member = self
            change(&member)
            return member
        }
    }

    var members: [Member]
    var trailing: [UInt8] = []

    init(_ members: [Member], trailing: [UInt8] = []) {
        self.members = members
        self.trailing = trailing
    }

    static let ordinary = TarBuilder([
        Member("d/", type: "5"), Member("d/a.txt", Array("hello\n".utf8)), Member("empty"),
    ])

    func build() -> [UInt8] {
        var bytes: [UInt8] = []
        for member in members {
            bytes += Self.header(member) + member.content
            bytes += [UInt8](repeating: 0, count: (512 - member.content.count % 512) % 512)
        }
        return bytes + [UInt8](repeating: 0, count: 1024) + trailing
    }

    private static func header(_ member: Member) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ bytes: some Collection<UInt8>, at start: Int) {
            block.replaceSubrange(start..<(start + bytes.count), with: bytes)
        }
        put(member.name.utf8, at: 0)
        put("0000644\0".utf8, at: 100)
        put(octal(member.size ?? UInt64(member.content.count), 11), at: 124)
        put("        ".utf8, at: 148)
        put(String(member.type).utf8, at: 156)
        put(member.target.utf8, at: 157)
        put("ustar\u{0}00".utf8, at: 257)
        let sum = block.reduce(UInt64(0)) { $0 + UInt64($1) }
        put(octal(member.checksum ?? sum, 6) + [0], at: 148)
        return block
    }

    private static func octal(_ number: UInt64, _ digits: Int) -> [UInt8] {
        let text = String(number, radix: 8)
        return Array((String(repeating: "0", count: digits - text.utf8.count) + text).utf8)
    }
}

/// What is wrong with the name of an archive's member.
public enum MemberNameDefect: String, Sendable, Hashable, CaseIterable {
    case empty = "it has no name"
    case absolute = "it begins at the root of a file system"
    case drive = "it names a drive"
    case parent = "it leads out of the archive by .."
    case control = "it contains control characters"
    case backslash = "it contains a backslash"

    /// The first defect of a name, worst first.
    static func find(in name: [UInt8]) -> MemberNameDefect? {
        guard let first = name.first else { return .empty }
        let separators: Set<UInt8> = [UInt8(ascii: "/"), UInt8(ascii: "\\")]
        if separators.contains(first) { return .absolute }
        if name.count >= 2, name[1] == UInt8(ascii: ":") { return .drive }
        if leadsOut(name) { return .parent }
        if name.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return .control }
        if name.contains(UInt8(ascii: "\\")) { return .backslash }
        return nil
    }

    /// Whether a part of the path is `..`, by the separator of any system.
    private static func leadsOut(_ name: [UInt8]) -> Bool {
        name.split(whereSeparator: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") })
            .contains { $0.elementsEqual("..".utf8) }
    }

    /// Whether the target of a link, seen from the member of that name, lies outside the archive.
    package static func leadsOut(_ target: [UInt8], from name: [UInt8]) -> Bool {
        switch find(in: target) {
        case .absolute, .drive, .control, .empty: return true
        case .backslash, .parent, nil: break
        }
        guard !target.contains(UInt8(ascii: "\\")) else { return true }
        var depth = name.split(separator: UInt8(ascii: "/")).count - 1
        for part in target.split(separator: UInt8(ascii: "/")) where !part.elementsEqual(".".utf8) {
            depth += part.elementsEqual("..".utf8) ? -1 : 1
            if depth < 0 { return true }
        }
        return false
    }
}

/// Names that were seen, exactly and without regard to case.
struct MemberNames {
    enum Clash {
        case same
        case sameButForCase
    }

    private var exact: Set<NameDigest> = []
    private var folded: Set<NameDigest> = []

    mutating func insert(_ name: [UInt8]) -> Clash? {
        guard exact.insert(NameDigest(name)).inserted else { return .same }
        let small = name.map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 | 0x20 : $0 }
        return folded.insert(NameDigest(small)).inserted ? nil : .sameButForCase
    }
}

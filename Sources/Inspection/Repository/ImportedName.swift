/// What it comes to that a configuration names a module which a library then imports.
enum ImportedName {
    enum Standing: Sendable, Hashable {
        /// What the library itself would name there.
        case expected
        /// Loading the model imports it, and it is not known here.
        case unknown
        case dangerous
        /// Code of another repository.
        case foreign
    }

    /// - Parameters:
    ///   - path: a dotted path, the last part of which is a class or function.
    ///   - expected: beginnings of paths that the library would name itself, each with its last dot.
    static func standing(_ path: String, expected: [String]) -> Standing {
        if isForeign(path) { return .foreign }
        if expected == RepositoryNames.targets, RepositoryNames.targetsToReview.contains(path) { return .unknown }
        // Taken from somewhere else in the file, or left to whoever uses it.
        if let first = path.utf8.first, "$&*!>|?".utf8.contains(first) { return .unknown }
        let isExpected = expected.contains { path.hasPrefix($0) }
        switch pickleStanding(path) {
        case .dangerous, .strange: return .dangerous
        case .allowed: return .expected
        case .library, .unknown: return isExpected ? .expected : .unknown
        }
    }

    /// Whether it names a repository before the module.
    static func isForeign(_ path: String) -> Bool {
        var before: UInt8 = 0
        return path.utf8.contains { byte in
            defer { before = byte }
            return byte == UInt8(ascii: "-") && before == byte
        }
    }

    private static func pickleStanding(_ path: String) -> PickleVocabulary.Standing {
        guard let dot = path.lastIndex(of: ".") else {
            // A module by itself: whatever is in it.
            return PickleVocabulary.standing(module: path, name: "anything")
        }
        return PickleVocabulary.standing(
            module: String(path[..<dot]), name: String(path[path.index(after: dot)...]))
    }

    /// Words joined by dots, two at least.
    static func isDotted(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count >= 2
            && parts.allSatisfy { part in
                guard let first = part.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9") ~= first) else {
                    return false
                }
                return part.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                        true
                    default: false
                    }
                }
            }
    }
}

/// What a global that a pickle names comes to.
///
/// What is allowed is a list of what model files are made of, each thing by its full name. What is dangerous is known
/// to run code, start programs, open files or connections, or load more of the same. Everything else is for a person
/// to look at.
enum PickleVocabulary {
    enum Standing: Sendable, Hashable {
        case allowed
        /// A class or function of a library that people save with their models.
        case library
        case unknown
        case dangerous
        /// A name that no compiler writes.
        case strange
    }

    static func standing(module: String, name: String) -> Standing {
        let (module, name) = modern(module, name)
        guard isPlain(module), isPlain(name) else { return .strange }
        if isAllowed(module, name) { return .allowed }
        if isDangerous(module, name) { return .dangerous }
        let root = module.prefix { $0 != "." }
        return PickleNames.libraries.contains(String(root)) ? .library : .unknown
    }

    /// The name in Python 3 of what Python 2 called otherwise: loading translates it (CPython, `_compat_pickle.py`).
    private static func modern(_ module: String, _ name: String) -> (module: String, name: String) {
        if let moved = PickleNames.moved["\(module).\(name)"], let dot = moved.lastIndex(of: ".") {
            return (String(moved[..<dot]), String(moved[moved.index(after: dot)...]))
        }
        return (PickleNames.renamed[module] ?? module, name)
    }

    /// Letters, digits and underscores, in parts separated by dots.
    private static func isPlain(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.allSatisfy { part in
            !part.isEmpty
                && part.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                        true
                    default: false
                    }
                }
        }
    }

    private static func isAllowed(_ module: String, _ name: String) -> Bool {
        if PickleNames.allowed[module]?.contains(name) == true { return true }
        return module == "torch" && name.hasSuffix("Storage") && !name.contains(".") && !name.hasPrefix("_")
    }

    private static func isDangerous(_ module: String, _ name: String) -> Bool {
        if PickleNames.dangerousNames.contains("\(module).\(name)") { return true }
        if PickleNames.harmlessInDangerous.contains("\(module).\(name)") { return false }
        var prefix = ""
        for part in module.split(separator: ".") {
            prefix += prefix.isEmpty ? String(part) : "." + part
            if PickleNames.dangerousModules.contains(prefix) { return true }
        }
        // A way through something harmless: `torch.os`, `collections.abc.sys`, `__globals__`.
        let steps = module.split(separator: ".").dropFirst() + name.split(separator: ".")
        if steps.contains(where: { PickleNames.dangerousSteps.contains(String($0)) || isDunder($0) }) { return true }
        return PickleNames.dangerousCalls.contains(String(steps.last ?? ""))
    }

    private static func isDunder(_ part: Substring) -> Bool {
        part.utf8.count > 4 && part.hasPrefix("__") && part.hasSuffix("__")
    }
}

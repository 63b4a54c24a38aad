/// What a class or function that a model's description names comes to.
enum KerasVocabulary {
    enum Standing: Sendable, Hashable {
        /// A part of Keras that models are made of.
        case keras
        /// None of Keras: loading the model needs something that is not known here.
        case custom
        case dangerous
    }

    /// - Parameter module: as the description gives it; older descriptions have none.
    static func standing(module: String?, name: String, isFunction: Bool = false) -> Standing {
        guard let module, !module.isEmpty else { return unplaced(name, isFunction: isFunction) }
        if let area = area(of: module) { return inPackage(area, name) }
        if module == "builtins" || module == "__builtin__" { return builtin(name) }
        if module == "__main__" { return hasDangerousStep([Substring(name)]) ? .dangerous : .custom }
        switch PickleVocabulary.standing(module: module, name: name) {
        case .dangerous, .strange: return .dangerous
        case .allowed, .library, .unknown: break
        }
        // Types of tensors, which TensorFlow describes itself.
        return module.hasPrefix("tensorflow.python.framework") && name.hasSuffix("Spec") ? .keras : .custom
    }

    /// The parts of the module within a package of Keras; `nil` for modules of others.
    private static func area(of module: String) -> [Substring]? {
        let parts = module.split(separator: ".", omittingEmptySubsequences: false)
        if KerasNames.packages.contains(String(parts[0])) { return Array(parts.dropFirst()) }
        guard let prefix = KerasNames.prefixes.first(where: { "\(module).".hasPrefix($0) }) else { return nil }
        return "\(module).".dropFirst(prefix.count).split(separator: ".")
    }

    private static func inPackage(_ area: [Substring], _ name: String) -> Standing {
        let steps = name.split(separator: ".", omittingEmptySubsequences: false)
        if hasDangerousStep(area + steps) { return .dangerous }
        let last = String(steps.last ?? "")
        if KerasNames.dangerousFunctions.contains(last) { return .dangerous }
        if KerasNames.dangerousBeginnings.contains(where: last.hasPrefix) { return .dangerous }
        let isHarmless = KerasNames.harmlessInAreas.contains(last) || KerasClasses.contains(last)
        let isDangerous = (area + steps.dropLast()).contains { KerasNames.dangerousAreas.contains(String($0)) }
        return isDangerous && !isHarmless ? .dangerous : .keras
    }

    private static func builtin(_ name: String) -> Standing {
        if KerasClasses.contains(name) { return .keras }
        if KerasNames.dangerousBuiltins.contains(name) || hasDangerousStep(name.split(separator: ".")) {
            return .dangerous
        }
        return PickleVocabulary.standing(module: "builtins", name: name) == .allowed ? .keras : .custom
    }

    private static func unplaced(_ name: String, isFunction: Bool) -> Standing {
        if KerasClasses.contains(name) { return .keras }
        // `package>Name`: the program registers the class under this name.
        if let arrow = name.firstIndex(of: ">") {
            let package = name[..<arrow]
            let rest = String(name[name.index(after: arrow)...])
            if rest == "Lambda" { return .keras }
            // `keras_cv.layers>Name`: a package may have parts.
            return area(of: String(package)) != nil ? .keras : .custom
        }
        let steps = name.split(separator: ".", omittingEmptySubsequences: false)
        if hasDangerousStep(steps) { return .dangerous }
        guard isFunction else { return .custom }
        let isDangerous =
            KerasNames.dangerousBuiltins.contains(name) || KerasNames.dangerousFunctions.contains(name)
        return isDangerous ? .dangerous : .custom
    }

    private static func hasDangerousStep(_ steps: [Substring]) -> Bool {
        steps.contains { step in
            PickleNames.dangerousSteps.contains(String(step))
                || step.utf8.count > 4 && step.hasPrefix("__") && step.hasSuffix("__") && step != "__main__"
        }
    }

    /// A path or an address that leads away from the folder of the model.
    static func leadsAway(_ path: String) -> Bool {
        path.hasPrefix("/") || path.hasPrefix("~") || path.hasPrefix("$") || path.contains("\\") || path.contains(":")
            || path.split(separator: "/", omittingEmptySubsequences: false).contains("..")
    }
}

/// Tells the operators with which savers keep a model from those that a graph uses to get at files.
///
/// Every SavedModel can write and restore checkpoints: `SaverDef` names the nodes at which that begins, and a function
/// or a scope of names holds the rest. Nothing that computes a result depends on these. Where something does, whoever
/// runs the model reads or writes files.
struct CheckpointCalls {
    static let operators: Set<[UInt8]> = Set(
        [
            "Save", "SaveV2", "SaveSlices", "MergeV2Checkpoints", "DistributedSave", "Restore", "RestoreV2",
            "RestoreSlice", "DTensorRestoreV2",
        ].map { Array($0.utf8) })

    private struct Use: Hashable {
        /// The node, or no more than its scope if it has one: one finding says enough.
        let scope: [UInt8]
        let function: [UInt8]?
        let operatorName: [UInt8]
    }

    private var uses: [Use] = []
    private var seen: Set<Use> = []
    /// Which nodes of main graphs call a function.
    private var callers: [[UInt8]: Set<[UInt8]>] = [:]
    private var calledByFunctions: Set<[UInt8]> = []
    /// Nodes where savers begin, and scopes that are theirs, with a slash at the end.
    private(set) var saverNodes: Set<[UInt8]> = []
    private(set) var saverScopes: Set<[UInt8]> = []
    private var results: [[UInt8]] = []

    /// - Returns: whether it is the first of its kind.
    mutating func addUse(of name: [UInt8], node: [UInt8], function: [UInt8]?) -> Bool {
        let use = Use(scope: function == nil ? Self.scope(node) ?? node : [], function: function, operatorName: name)
        guard seen.insert(use).inserted else { return false }
        uses.append(use)
        return true
    }

    /// The name of the function in which uses were found before it was known.
    mutating func rename(uses range: Range<Int>, to function: [UInt8]) {
        for index in range {
            uses[index] = Use(scope: [], function: function, operatorName: uses[index].operatorName)
        }
    }

    func isKnown(_ callee: [UInt8], by node: [UInt8]?) -> Bool {
        guard let node else { return calledByFunctions.contains(callee) }
        return callers[callee]?.contains(node) ?? false
    }

    /// - Parameter node: of a main graph; `nil` if a function calls.
    mutating func add(_ callee: [UInt8], by node: [UInt8]?) {
        if let node {
            callers[callee, default: []].insert(node)
        } else {
            calledByFunctions.insert(callee)
        }
    }

    /// A name that a saver gives: of the tensor with the file's name, of the tensor or the node where saving or
    /// restoring ends.
    mutating func addSaver(_ tensor: [UInt8]) {
        guard !tensor.isEmpty else { return }
        let node = Self.node(tensor)
        saverNodes.insert(node)
        if let scope = Self.scope(node) { saverScopes.insert(scope) }
    }

    /// A tensor that a signature gives to or takes from whoever runs the model.
    mutating func addResult(_ tensor: [UInt8]) { results.append(Self.node(tensor)) }

    /// Where a use in the graph itself, or of a function, is.
    ///
    /// - Parameters:
    ///   - isLeaking: whether something outside the savers depends on them.
    ///   - operators: all that are used: a function may be one.
    func place(
        _ index: Int, isLeaking: Bool, operators: Set<[UInt8]>, isBare: Bool
    ) -> TensorFlowFile.CheckpointUse.Place {
        guard uses.indices.contains(index), !isLeaking, !results.contains(where: isSaver) else { return .elsewhere }
        let use = uses[index]
        guard let function = use.function else {
            if isSaver(use.scope) { return .saver }
            return isBare && Self.isUsualScope(use.scope) ? .likeSaver : .elsewhere
        }
        guard !operators.contains(function), !calledByFunctions.contains(function),
            let nodes = callers[function], nodes.allSatisfy(isSaver)
        else { return .elsewhere }
        return .saver
    }

    /// Whether a node, or a scope, belongs to a saver.
    func isSaver(_ name: [UInt8]) -> Bool {
        if saverNodes.contains(name) { return true }
        return saverScopes.contains { name.starts(with: $0) }
    }

    /// `save/`, `save_1/` and so on.
    static func isUsualScope(_ name: [UInt8]) -> Bool {
        guard let scope = scope(name), scope.starts(with: "save".utf8) else { return false }
        return scope.dropFirst(4).dropLast().allSatisfy { $0 == UInt8(ascii: "_") || (0x30...0x39).contains($0) }
    }

    /// Everything up to the last slash, with it.
    private static func scope(_ node: [UInt8]) -> [UInt8]? {
        node.lastIndex(of: UInt8(ascii: "/")).map { Array(node[...$0]) }
    }

    /// The node of a tensor (`node:0`), or of an input (`^node`).
    static func node(_ tensor: [UInt8]) -> [UInt8] {
        let name = tensor.drop { $0 == UInt8(ascii: "^") }
        guard let colon = name.lastIndex(of: UInt8(ascii: ":")) else { return Array(name) }
        return Array(name[..<colon])
    }
}

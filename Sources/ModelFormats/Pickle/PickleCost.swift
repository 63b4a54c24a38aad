/// What loading a pickle takes beyond what is in the file.
enum PickleCost {
    /// Values in a tuple, each counted wherever it is met, from which on the tuple may be too many; and those for each
    /// opcode, because a file may simply have many.
    static let weightMin: UInt64 = 1 << 20
    static let weightPerOpcode: UInt64 = 64

    private static let names: Set<String> = [
        "builtins.bytearray", "builtins.bytes", "builtins.range", "__builtin__.bytearray", "__builtin__.bytes",
        "__builtin__.range", "__builtin__.xrange", "numpy.ndarray", "numpy.core.multiarray._reconstruct",
        "numpy._core.multiarray._reconstruct", "array.array", "torch.Tensor",
    ]

    /// Whether it reserves memory, or counts, for as much as a number says.
    static func takesSize(_ global: PickleFile.Global) -> Bool {
        names.contains(global.qualifiedName)
            || global.module == "torch" && (global.name.hasSuffix("Storage") || global.name.hasSuffix("Tensor"))
    }
}

/// What a file is said to be by whoever published it, beside its name.
///
/// Content decides what a file is. A claim only says what is harmless for such a file and would not be for another; one
/// that is not true helps nobody.
public enum FileClaim: UInt8, Sendable, Hashable, CaseIterable {
    case none = 0
    /// A layer of a container image (image-spec 1.1, layer.md): a runtime unpacks it beneath a root of its own, where
    /// absolute links lead to that root.
    case imageLayer = 1
}

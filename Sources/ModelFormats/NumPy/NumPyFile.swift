/// An array of a NumPy file (NEP 1).
public struct NumPyArray: Sendable, Hashable {
    public let version: UInt8
    public let shape: [UInt64]
    public let dtype: NumPyDtype
    /// Where the elements begin.
    public let dataOffset: UInt64
    /// Bytes of the elements; `nil` if they are a pickle, or of a type whose size is not known.
    public let dataBytes: UInt64?
}

/// The type of an array's elements, as far as an inspection needs it.
public struct NumPyDtype: Sendable, Hashable {
    /// Bytes of one element; `nil` for types that are not known.
    public let itemBytes: UInt64?
    /// Whether elements are Python objects: then the file holds a pickle in place of the elements.
    public let holdsObjects: Bool
    /// The descriptor of a type that is not known.
    public let unknown: String?
}

/// What a NumPy header may cost before anything about it is believed.
public struct NumPyLimits: Sendable, Hashable {
    public var headerBytesMax = 1 << 20
    public var depthMax = 16
    public var fieldsMax = 10_000
    public var dimensionsMax = 64
    public var arraysMax = 1000

    public init() {}

    public static let standard = NumPyLimits()
}

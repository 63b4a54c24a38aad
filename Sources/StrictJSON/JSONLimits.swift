/// What a document may cost before anything about it is believed.
public struct JSONLimits: Sendable, Hashable {
    /// More open objects and arrays than this are refused whatever a caller asks for: releasing a value, comparing it
    /// and encoding it each use a stack frame per level.
    public static let depthCeiling = 512

    /// Bytes of the whole document.
    public var bytesMax: Int
    /// Objects and arrays that may be open at one time.
    public var depthMax: Int
    /// Values in the whole document, containers included.
    public var nodesMax: Int
    /// Bytes of one string or member name, after its escapes are resolved.
    public var stringBytesMax: Int
    /// Bytes of one number.
    public var numberBytesMax: Int
    /// Names remembered at one time to refuse duplicates: those of all open objects together.
    public var openNamesMax: Int

    public init(
        bytesMax: Int,
        depthMax: Int = 64,
        nodesMax: Int,
        stringBytesMax: Int,
        numberBytesMax: Int = 128,
        openNamesMax: Int? = nil
    ) {
        self.bytesMax = bytesMax
        self.depthMax = min(depthMax, Self.depthCeiling)
        self.nodesMax = nodesMax
        self.stringBytesMax = stringBytesMax
        self.numberBytesMax = numberBytesMax
        self.openNamesMax = openNamesMax ?? nodesMax
    }

    /// The body of an API request: 1 MiB.
    public static let requestBody = JSONLimits(
        bytesMax: 1 << 20, nodesMax: 1 << 16, stringBytesMax: 1 << 18
    )
}

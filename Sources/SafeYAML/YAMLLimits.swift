/// What a document may cost before anything about it is believed.
public struct YAMLLimits: Sendable, Hashable {
    /// More open mappings and sequences than this are refused whatever a caller asks for.
    public static let depthCeiling = 64

    /// Bytes of the whole document.
    public var bytesMax: Int
    /// Mappings and sequences that may be open at one time.
    public var depthMax: Int
    /// Values in the whole document, keys not counted.
    public var nodesMax: Int
    /// Bytes of one scalar or key.
    public var scalarBytesMax: Int

    public init(bytesMax: Int, depthMax: Int = 64, nodesMax: Int, scalarBytesMax: Int) {
        self.bytesMax = bytesMax
        self.depthMax = min(depthMax, Self.depthCeiling)
        self.nodesMax = nodesMax
        self.scalarBytesMax = scalarBytesMax
    }

    /// A file that an operator writes by hand: 1 MiB.
    public static let configuration = YAMLLimits(bytesMax: 1 << 20, nodesMax: 1 << 16, scalarBytesMax: 1 << 16)

    /// A generated list of artifacts, such as a lock file or a manifest view: 256 MiB.
    public static let artifactList = YAMLLimits(bytesMax: 1 << 28, nodesMax: 1 << 25, scalarBytesMax: 1 << 16)
}

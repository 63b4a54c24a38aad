internal import StrictJSON

/// What is read of a bundle at most. Counts are compared before anything of what they count is decoded.
public enum BundleLimits {
    /// The whole document.
    public static let bundleBytesMax = 16 << 20
    public static let logEntriesMax = 32
    public static let timestampsMax = 32
    /// Leaf and intermediates together.
    public static let certificatesMax = 10
    public static let certificateBytesMax = 64 << 10
    public static let timestampBytesMax = 64 << 10
    public static let signatureBytesMax = 1 << 10
    /// One entry of a log, decoded.
    public static let entryBodyBytesMax = 8 << 20
    public static let proofHashesMax = 64
    public static let checkpointBytesMax = 256 << 10
    /// The document of a trusted root.
    public static let trustedRootBytesMax = 4 << 20
    /// Logs, or authorities, of one kind in a trusted root.
    public static let instancesMax = 128

    static let bundle = JSONLimits(
        bytesMax: bundleBytesMax, depthMax: 32, nodesMax: 1 << 15, stringBytesMax: bundleBytesMax)
    static let entryBody = JSONLimits(
        bytesMax: entryBodyBytesMax, depthMax: 32, nodesMax: 1 << 15, stringBytesMax: entryBodyBytesMax)
    static let trustedRoot = JSONLimits(
        bytesMax: trustedRootBytesMax, depthMax: 32, nodesMax: 1 << 16, stringBytesMax: 1 << 20)
}

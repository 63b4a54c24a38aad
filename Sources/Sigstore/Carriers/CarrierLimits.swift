internal import StrictJSON

/// What is read of signatures that lie in a registry at most.
public enum CarrierLimits {
    /// Signatures of one artifact that are looked at. With more than that nothing is decided: whoever could add more
    /// would choose which of them count.
    public static let signaturesMax = 128

    /// All signatures of one artifact together.
    public static let allBytesMax = 64 << 20

    /// The manifest of a signature.
    public static let manifestBytesMax = 4 << 20

    /// What a simple signature is over.
    public static let payloadBytesMax = 64 << 10

    /// Certificates beside a simple signature, as text.
    public static let certificateTextBytesMax = 256 << 10

    static let manifest = JSONLimits(
        bytesMax: manifestBytesMax, depthMax: 16, nodesMax: 1 << 15, stringBytesMax: 1 << 20)
    static let payload = JSONLimits(
        bytesMax: payloadBytesMax, depthMax: 16, nodesMax: 1 << 10, stringBytesMax: payloadBytesMax)
    static let annotation = JSONLimits(bytesMax: 1 << 20, depthMax: 8, nodesMax: 64, stringBytesMax: 1 << 20)
}

internal import StrictJSON

/// What metadata may cost before anything about it is believed. All sizes are bytes.
public struct TUFLimits: Sendable, Hashable {
    /// New versions of root in one update (TUF 5.3.3, Y).
    public var rootRotationsMax = 256
    /// Delegated roles in one search (TUF 5.6.7.1).
    public var delegationsMax = 32
    /// TUF 5.3.3, W.
    public var rootBytesMax = 512_000
    /// TUF 5.4.1, X.
    public var timestampBytesMax = 16_384
    /// TUF 5.5.1, Y; metadata that says how long the file is can only make it less.
    public var snapshotBytesMax = 2_000_000
    /// TUF 5.6.1, Z, for each of the roles that name targets.
    public var targetsBytesMax = 5_000_000
    /// A target as a whole, whatever length its metadata claims.
    public var targetBytesMax = 16 << 20
    /// Signatures on one file, and keys of one role: each of them may have to be verified.
    public var signaturesMax = 64
    /// One role's name in UTF-8, so that it makes a file name when it is percent-encoded.
    public static let roleNameBytesMax = 80

    public static let standard = TUFLimits()

    public init() {}

    /// The largest file of metadata for `role`.
    public func bytesMax(_ role: RoleName) -> Int {
        switch role {
        case .root: rootBytesMax
        case .timestamp: timestampBytesMax
        case .snapshot: snapshotBytesMax
        default: targetsBytesMax
        }
    }

    /// A value takes two bytes at least with what stands around it.
    func json(_ bytesMax: Int) -> JSONLimits {
        JSONLimits(bytesMax: bytesMax, depthMax: 32, nodesMax: bytesMax / 2 + 1, stringBytesMax: 1 << 16)
    }
}

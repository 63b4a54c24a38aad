public import SignatureKeys

/// A log that is trusted: one that signatures are in, or one that certificates are in.
public struct TrustedLog: Sendable, Hashable {
    /// Host of its address; checkpoints are signed under that name.
    public let host: String

    /// What entries and certificates call it by.
    public let logID: [UInt8]

    /// What its checkpoints call its key by; begins like `logID` where the root says nothing else.
    public let checkpointKeyID: UInt32

    public let key: VerificationKey
    public let scheme: SignatureScheme
    public let window: ValidityWindow
}

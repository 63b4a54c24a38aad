/// Whom signatures are trusted through: Sigstore's `trusted_root.json`.
///
/// Nothing is downloaded: whoever makes one has decided that these bytes are to be trusted.
public struct TrustedRoot: Sendable {
    /// Logs of signatures (Rekor).
    public let transparencyLogs: [TrustedLog]

    /// Issuers of certificates (Fulcio).
    public let certificateAuthorities: [TrustedAuthority]

    /// Logs of certificates.
    public let certificateLogs: [TrustedLog]

    public let timestampAuthorities: [TrustedAuthority]

    init(
        transparencyLogs: [TrustedLog], certificateAuthorities: [TrustedAuthority], certificateLogs: [TrustedLog],
        timestampAuthorities: [TrustedAuthority]
    ) {
        self.transparencyLogs = transparencyLogs
        self.certificateAuthorities = certificateAuthorities
        self.certificateLogs = certificateLogs
        self.timestampAuthorities = timestampAuthorities
    }

    /// Trusts nobody: enough for a signature by a key that is in no log.
    public static let none = TrustedRoot(
        transparencyLogs: [], certificateAuthorities: [], certificateLogs: [], timestampAuthorities: [])
}

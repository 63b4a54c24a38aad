/// What a request has to show before its operation is run.
public enum AccessLevel: Sendable, Hashable {
    /// Anybody who reaches the address: health, metrics, the log.
    case open
    /// The model API: the service token, unless reading is open.
    case read
    /// The model API: the service token.
    case mutate
    /// The distribution protocol: who asks is found out, and may be anybody. The operation then has to say by
    /// `RegistryRequestContext.require` which right on which repository it takes: a request may touch two of them.
    ///
    /// At the address of an upload session a token of ours counts for a day after it expired: clients renew tokens
    /// between requests only, and a large upload is one request.
    case repository
    /// The operation finds out by itself who asks.
    case token
}

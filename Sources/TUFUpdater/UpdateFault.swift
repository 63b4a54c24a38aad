public import LinuxFiles
public import TUF

/// Why an update ended, or why what earlier ones kept cannot be used.
public enum UpdateFault: Error, Sendable, Hashable {
    /// What the repository or the cache has is not trusted.
    case refused(TUFRefusal)
    /// The repository did not give a file. It may later.
    case unavailable(file: String, reason: String)
    /// The cache cannot be read or written.
    case cache(FileFault)
    /// Another process is at work in the cache.
    case busy(process: Int32?)

    /// Stays the same between releases: for programs.
    public var code: String {
        switch self {
        case .refused(let refusal): refusal.code
        case .unavailable: "tuf_repository_unavailable"
        case .cache: "tuf_cache_unusable"
        case .busy: "tuf_cache_busy"
        }
    }
}

extension UpdateFault: PoolRefusable {
    public init(refusal: PoolRefusal) {
        self = .cache(FileFault(refusal: refusal))
    }
}

extension UpdateFault: CustomStringConvertible {
    /// One sentence without a full stop.
    public var description: String {
        switch self {
        case .refused(let refusal): refusal.description
        case .unavailable(let file, let reason): "the repository does not give \(file): \(reason)"
        case .cache(let fault): "the cache cannot be used: \(fault)"
        case .busy(let process): "another process\(process.map { " (\($0))" } ?? "") is at work in the cache"
        }
    }
}

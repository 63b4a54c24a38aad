public import TUF

/// Moves files between a repository, a cache and the checks of `TUF`; it decides nothing itself.
public struct MetadataUpdater: Sendable {
    private let source: (any MetadataSource)?
    private let cache: MetadataCache
    private let anchor: [UInt8]
    private let limits: TUFLimits

    /// - Parameters:
    ///   - source: `nil` to make do with what is kept.
    ///   - anchor: the root that somebody vouches for, as it is.
    public init(
        source: (any MetadataSource)?, cache: MetadataCache, anchor: [UInt8], limits: TUFLimits = .standard
    ) {
        self.source = source
        self.cache = cache
        self.anchor = anchor
        self.limits = limits
    }

    /// Brings the metadata of the four roles up to date (TUF 5), or checks what is kept where there is no source.
    ///
    /// - Parameter now: the time of day. Where an earlier update saw a later one, that counts.
    public func update(at now: MetadataTime) async throws(UpdateFault) -> TrustedMetadata {
        let lastUpdate = try await cache.lastUpdate()
        let time = max(now, lastUpdate ?? now)
        let root = try await newestRoot()
        var timestamp = try refusing { () throws(TUFRefusal) in try root.finished(at: time) }
        if let kept = try await cache.metadata(.timestamp) { timestamp.remember(kept) }
        if let bytes = try await fetch(timestamp.request) {
            if try refusing({ () throws(TUFRefusal) in try timestamp.adopt(bytes) }) {
                try await cache.keep(bytes, .timestamp)
            }
        }
        var snapshot = try refusing { () throws(TUFRefusal) in try timestamp.finished() }
        if let kept = try await cache.metadata(.snapshot) { snapshot.remember(kept) }
        if let request = snapshot.request, let bytes = try await fetch(request) {
            try refusing { () throws(TUFRefusal) in try snapshot.adopt(bytes) }
            try await cache.keep(bytes, .snapshot)
        }
        var targets = try refusing { () throws(TUFRefusal) in try snapshot.finished() }
        if let kept = try await cache.metadata(.targets) { targets.remember(kept) }
        if let request = targets.request, let bytes = try await fetch(request) {
            try refusing { () throws(TUFRefusal) in try targets.adopt(bytes) }
            try await cache.keep(bytes, .targets)
        }
        let trusted = try refusing { () throws(TUFRefusal) in try targets.finished() }
        if source != nil { try await cache.noteUpdate(at: time) }
        return trusted
    }

    /// Looks for a target through all roles that may name it (TUF 5.6.7).
    public func target(_ path: String, in metadata: TrustedMetadata) async throws(UpdateFault) -> TargetFile {
        var search = metadata.search(path)
        while true {
            let request: MetadataRequest
            switch try refusing({ () throws(TUFRefusal) in try search.step() }) {
            case .found(let target): return target
            case .needs(let file): request = file
            }
            if let kept = try await cache.metadata(request.role), search.remember(kept) { continue }
            guard let bytes = try await fetch(request) else { throw .refused(TUFRefusal(request.role, .absent)) }
            try refusing { () throws(TUFRefusal) in try search.adopt(bytes) }
            try await cache.keep(bytes, request.role)
        }
    }

    /// Fetches a target and compares it with what was signed (TUF 5.7.3).
    public func content(of target: TargetFile, in metadata: TrustedMetadata) async throws(UpdateFault) -> [UInt8] {
        let (address, bytesMax) = try refusing { () throws(TUFRefusal) in
            (try metadata.address(of: target), try metadata.bytesMax(of: target))
        }
        guard let source else { throw .unavailable(file: "the target \(address)", reason: "there is none to ask") }
        let bytes = try await source.target(address, bytesMax: bytesMax, by: target.role)
        try refusing { () throws(TUFRefusal) in try target.check(bytes) }
        return bytes
    }

    /// A target as it was kept, if that is what is signed now, and else as the repository has it, which is then kept.
    public func keptContent(
        of target: TargetFile, in metadata: TrustedMetadata
    ) async throws(UpdateFault) -> [UInt8] {
        let bytesMax = try refusing { () throws(TUFRefusal) in try metadata.bytesMax(of: target) }
        let kept = try await cache.content(of: target, bytesMax: bytesMax)
        do throws(TUFRefusal) {
            guard let kept else { throw TUFRefusal(target.role, .targetAbsent(target.path)) }
            try target.check(kept)
            return kept
        } catch {
            guard source != nil else { throw .refused(error) }
        }
        let bytes = try await content(of: target, in: metadata)
        try await cache.keep(bytes, contentOf: target)
        return bytes
    }

    private func newestRoot() async throws(UpdateFault) -> RootUpdate {
        var root = try refusing { () throws(TUFRefusal) in try RootUpdate(trusting: anchor, limits: limits) }
        while let next = root.version.next, let kept = try await cache.root(version: next), root.remember(kept) {}
        while let request = root.request, let bytes = try await fetch(request) {
            try refusing { () throws(TUFRefusal) in try root.adopt(bytes) }
            try await cache.keep(bytes, root: root.version)
        }
        return root
    }

    /// - Returns: `nil` where the repository has no such file, and where there is none.
    private func fetch(_ request: MetadataRequest) async throws(UpdateFault) -> [UInt8]? {
        guard let source else { return nil }
        let bytes = try await source.metadata(request)
        // A repository that has no timestamp is not one with an old timestamp.
        if bytes == nil, request.role == .timestamp { throw .refused(TUFRefusal(.timestamp, .absent)) }
        return bytes
    }

    private func refusing<Value>(_ step: () throws(TUFRefusal) -> Value) throws(UpdateFault) -> Value {
        do throws(TUFRefusal) { return try step() } catch { throw .refused(error) }
    }
}

extension UInt64 {
    fileprivate var next: UInt64? {
        let (next, overflow) = addingReportingOverflow(1)
        return overflow ? nil : next
    }
}

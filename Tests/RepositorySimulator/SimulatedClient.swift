public import TUF

/// What a client keeps between updates, and what it asks a simulated repository for, without any I/O.
public struct SimulatedClient: Sendable {
    public let anchor: [UInt8]
    public var limits = TUFLimits.standard
    /// Files that were trusted, by role; roots by `N.root`.
    public var kept: [String: [UInt8]] = [:]
    /// Names of the files that were asked for, in their order.
    public private(set) var requests: [String] = []

    public init(anchor: [UInt8]) {
        self.anchor = anchor
    }

    /// Goes through all steps of an update. What is trusted on the way is kept, also if a later step fails.
    public mutating func update(
        from repository: RepositorySimulator, at now: MetadataTime = RepositorySimulator.start
    ) throws(TUFRefusal) -> TrustedMetadata {
        var root = try RootUpdate(trusting: anchor, limits: limits)
        while let kept = kept["\(root.version + 1).root"], root.remember(kept) {}
        while let request = root.request, let bytes = fetch(request, repository) {
            try root.adopt(bytes)
            kept["\(root.version).root"] = bytes
        }
        var timestamp = try root.finished(at: now)
        if let kept = kept["timestamp"] { timestamp.remember(kept) }
        if let bytes = fetch(timestamp.request, repository), try timestamp.adopt(bytes) { kept["timestamp"] = bytes }
        var snapshot = try timestamp.finished()
        if let kept = kept["snapshot"] { snapshot.remember(kept) }
        if let request = snapshot.request, let bytes = fetch(request, repository) {
            try snapshot.adopt(bytes)
            kept["snapshot"] = bytes
        }
        var targets = try snapshot.finished()
        if let kept = kept["targets"] { targets.remember(kept) }
        if let request = targets.request, let bytes = fetch(request, repository) {
            try targets.adopt(bytes)
            kept["targets"] = bytes
        }
        return try targets.finished()
    }

    public mutating func find(
        _ path: String, in metadata: TrustedMetadata, from repository: RepositorySimulator
    ) throws(TUFRefusal) -> TargetFile {
        var search = metadata.search(path)
        while true {
            let request: MetadataRequest
            switch try search.step() {
            case .found(let target): return target
            case .needs(let file): request = file
            }
            if let kept = kept[request.role.description], search.remember(kept) { continue }
            guard let bytes = fetch(request, repository) else { throw TUFRefusal(request.role, .absent) }
            try search.adopt(bytes)
            kept[request.role.description] = bytes
        }
    }

    public mutating func forgetRequests() {
        requests = []
    }

    private mutating func fetch(_ request: MetadataRequest, _ repository: RepositorySimulator) -> [UInt8]? {
        requests.append(request.fileName)
        return repository.files[request.fileName]
    }
}

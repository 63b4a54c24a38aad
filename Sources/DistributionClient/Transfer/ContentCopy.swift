public import OCI
internal import RegistryClient
internal import Synchronization

/// Where manifests and what they name are taken from.
public protocol ContentSource: Sendable {
    func fetch(_ manifest: Digest) async throws -> StoredManifest
    func referrers(of subject: Digest) async throws -> [Descriptor]
}

/// Where they are put.
public protocol ContentTarget: Sendable {
    /// - Parameter name: a tag, or what a layout calls it; `nil` to keep it under its digest alone.
    func keep(_ manifest: StoredManifest, named name: String?) async throws
}

/// Copies a manifest with everything that it names: blobs first, then manifests, the named one last, so that nobody
/// ever finds one whose content is not there.
public struct ContentCopy: Sendable {
    /// How deep indexes and referrers may lie in each other.
    static let depthMax = 8
    static let manifestsMax = 10_000
    /// Blobs that are moved at a time.
    static let width = 3

    /// What was done.
    public struct Outcome: Sendable, Hashable {
        public var digest: Digest
        public var manifests = 0
        public var blobs = 0
        public var bytes: UInt64 = 0
    }

    private let source: any ContentSource
    private let target: any ContentTarget
    private let withReferrers: Bool
    private let move: @Sendable (Descriptor, @escaping @Sendable (UInt64) -> Void) async throws -> Void
    private let progress: @Sendable (_ done: UInt64, _ total: UInt64) -> Void

    /// - Parameters:
    ///   - withReferrers: copy signatures and whatever else refers to the manifest, too.
    ///   - move: brings one blob from source to target, unless it is there.
    ///   - progress: hears bytes that are there, and how many are known to be needed.
    public init(
        from source: any ContentSource, to target: any ContentTarget, withReferrers: Bool = false,
        progress: @escaping @Sendable (_ done: UInt64, _ total: UInt64) -> Void,
        move: @escaping @Sendable (Descriptor, @escaping @Sendable (UInt64) -> Void) async throws -> Void
    ) {
        self.source = source
        self.target = target
        self.withReferrers = withReferrers
        self.progress = progress
        self.move = move
    }

    /// Copies `root` and names it.
    public func run(_ root: StoredManifest, named name: String?) async throws -> Outcome {
        let walk = Walk(copy: self, outcome: Outcome(digest: root.digest))
        try await walk.bring(root, depth: 0)
        try await target.keep(root, named: name)
        if withReferrers { try await walk.bringReferrers(of: root.digest, depth: 0) }
        return await walk.outcome
    }

    /// One copy under way.
    private actor Walk {
        let copy: ContentCopy
        private(set) var outcome: Outcome
        private var manifests: Set<Digest> = []
        private var blobs: Set<Digest> = []
        private var total: UInt64 = 0
        private let done = Mutex<[Digest: UInt64]>([:])

        init(copy: ContentCopy, outcome: Outcome) {
            self.copy = copy
            self.outcome = outcome
        }

        /// Brings what a manifest names, not the manifest itself.
        func bring(_ manifest: StoredManifest, depth: Int) async throws {
            guard depth <= ContentCopy.depthMax, manifests.count < ContentCopy.manifestsMax else {
                throw DistributionFault.excessive("\(outcome.digest) lists more manifests than are copied at once.")
            }
            guard manifests.insert(manifest.digest).inserted else { return }
            outcome.manifests += 1
            let document = try manifest.document(called: manifest.digest.description)
            for child in document.children where !manifests.contains(child.digest) {
                let found = try await copy.source.fetch(child.digest)
                guard UInt64(found.bytes.count) == child.size else {
                    throw DistributionFault.wrongSize(child.digest, expected: child.size)
                }
                try await bring(found, depth: depth + 1)
                try await copy.target.keep(found, named: nil)
            }
            if let large = document.blobs.first(where: { $0.size > BlobDownload.bytesMax }) {
                throw DistributionFault.tooLarge(large)
            }
            try await move(document.blobs.filter { blobs.insert($0.digest).inserted })
        }

        private func move(_ wanted: [Descriptor]) async throws {
            total = wanted.reduce(total) { $0 &+ $1.size }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, blob) in wanted.enumerated() {
                    if index >= ContentCopy.width { try await group.next() }
                    group.addTask { try await self.move(blob) }
                }
                while try await group.next() != nil {}
            }
        }

        private nonisolated func move(_ blob: Descriptor) async throws {
            let total = await total
            try await copy.move(blob) { bytes in
                let done = self.done.withLock { done in
                    done[blob.digest] = bytes
                    return done.values.reduce(0, &+)
                }
                self.copy.progress(done, total)
            }
            await moved(blob)
        }

        private func moved(_ blob: Descriptor) {
            outcome.blobs += 1
            // Sizes come from manifests, and nobody promised how many there are.
            outcome.bytes &+= blob.size
        }

        func bringReferrers(of subject: Digest, depth: Int) async throws {
            for referrer in try await copy.source.referrers(of: subject) where !manifests.contains(referrer.digest) {
                let found = try await copy.source.fetch(referrer.digest)
                try await bring(found, depth: depth + 1)
                try await copy.target.keep(found, named: nil)
                try await bringReferrers(of: found.digest, depth: depth + 1)
            }
        }
    }
}

extension RemoteRepository: ContentSource, ContentTarget {
    public func fetch(_ manifest: Digest) async throws -> StoredManifest {
        try await self.manifest(.digest(manifest))
    }

    public func keep(_ manifest: StoredManifest, named name: String?) async throws {
        let tag = try name.map { name throws(DistributionFault) in
            guard let tag = Tag(parsing: name) else { throw .unsafe("\(name) is no tag.") }
            return tag
        }
        try await publish(manifest, as: tag)
    }

    /// Takes a blob over from another repository, of this registry or another.
    public func take(
        _ blob: Descriptor, from source: RemoteRepository, memory: (any UploadMemory)? = nil,
        progress: @escaping @Sendable (UInt64) -> Void
    ) async throws {
        try await upload(
            blob, RemoteContent(blob, of: source),
            mountingFrom: source.registry == registry ? source.name : nil, memory: memory, progress: progress)
    }

    /// Takes a blob in from a layout.
    public func take(
        _ blob: Descriptor, from source: ImageLayout, memory: (any UploadMemory)? = nil,
        progress: @escaping @Sendable (UInt64) -> Void
    ) async throws {
        try await upload(blob, try source.content(of: blob), memory: memory, progress: progress)
    }
}

extension ImageLayout: ContentSource, ContentTarget {
    public func fetch(_ manifest: Digest) async throws -> StoredManifest {
        try self.manifest(manifest)
    }

    /// Those that the index lists: a layout has no other list of them.
    public func referrers(of subject: Digest) async throws -> [Descriptor] {
        var found: [Descriptor] = []
        for digest in Set(try names().map(\.digest)) {
            let manifest = try manifest(digest)
            let document = try manifest.document(called: digest.description)
            if document.subject?.digest == subject { found.append(manifest.descriptor) }
        }
        return found
    }

    public func keep(_ manifest: StoredManifest, named name: String?) async throws {
        // What refers to something would not be found again if the index did not list it.
        let isReferrer = try manifest.document(called: manifest.digest.description).subject != nil
        try put(manifest, named: name ?? (isReferrer ? "\(manifest.digest.hex)" : nil))
    }

    /// Takes a blob in from a registry, unless it is here.
    public func take(
        _ blob: Descriptor, from source: RemoteRepository, progress: @escaping @Sendable (UInt64) -> Void
    ) async throws {
        if try await holds(blob) { return progress(blob.size) }
        // What has the name and is not the blob is replaced.
        try await BlobDownload(
            blob, of: source, into: try folder(of: blob.digest), as: blob.digest.hex, progress: progress
        ).run(replacing: true)
    }
}

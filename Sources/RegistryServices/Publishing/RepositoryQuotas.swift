import OCI
import RegistryCore
public import RegistryPorts

/// Keeps repositories within their quotas. What has none costs nothing here.
///
/// A repository's bytes are those of the blobs that its manifests name, or that were received for one, each once. They
/// are counted when the first is to come, and then kept in memory: the log's one writer adds to them, so that no two
/// pushes are given the same room.
public actor RepositoryQuotas {
    /// Repositories whose bytes are remembered.
    private static let rememberedMax = 256
    /// Before somebody is refused, what was counted longer ago is counted anew: bytes may have gone since.
    private static let countAgainAfterMilliseconds: Int64 = 10_000
    private static let attemptsMax = 3

    private nonisolated let rules: QuotaRules
    private let store: any MetadataReader
    private let blobs: any BlobStore
    private let now: @Sendable () -> Timestamp
    private let settle: @Sendable () async throws(RegistryError) -> Void
    private var known: [RepositoryKey: RepositoryUsage] = [:]
    private var counts: [RepositoryKey: Task<RepositoryUsage, any Error>] = [:]

    public init(_ rules: QuotaRules, store: any MetadataReader, blobs: any BlobStore, ledger: Ledger) {
        self.rules = rules
        self.store = store
        self.blobs = blobs
        now = { ledger.now() }
        settle = { () async throws(RegistryError) in
            try await ledger.write(.registry(.reconciler), withReceipts: true) { _ in }
        }
    }

    /// Runs `body` if a repository has room for more blobs.
    ///
    /// - Parameter body: adds them to what it is given, as the last step of the change that brings them into the
    ///   repository.
    /// - Throws: `.quotaExceeded`, and what `body` throws.
    nonisolated func admitting<Value: Sendable>(
        _ wanted: [Digest: UInt64], to repository: RepositoryKey,
        _ body: (RepositoryUsage?) async throws(RegistryError) -> Value
    ) async throws(RegistryError) -> Value {
        guard let bytesMax = rules.bytesMax(of: repository.name) else { return try await body(nil) }
        var attempt = 1
        while true {
            let usage = try await usage(of: repository, bytesMax)
            do throws(RegistryError) {
                try usage.requireRoom(for: wanted)
                return try await body(usage)
            } catch {
                // It was counted anew meanwhile, or is to be: what went since makes room.
                let isWorthwhile = await hasToCountAgain(usage, of: repository, after: error)
                guard isWorthwhile, attempt < Self.attemptsMax else { throw error }
                attempt += 1
            }
        }
    }

    /// Whether there is a bound to what a repository may hold.
    nonisolated func areBinding(_ repository: RepositoryKey) -> Bool {
        rules.bytesMax(of: repository.name) != nil
    }

    /// Whether blobs may come, before work is spent on them.
    ///
    /// - Throws: `.quotaExceeded`.
    nonisolated func requireRoom(
        for wanted: [Digest: UInt64], in repository: RepositoryKey
    ) async throws(RegistryError) {
        try await admitting(wanted, to: repository) { _ throws(RegistryError) in }
    }

    /// Whether so many bytes more may come, whatever they are.
    ///
    /// - Throws: `.quotaExceeded`.
    nonisolated func requireRoom(for bytes: UInt64, in repository: RepositoryKey) async throws(RegistryError) {
        guard let bytesMax = rules.bytesMax(of: repository.name) else { return }
        let usage = try await usage(of: repository, bytesMax)
        do throws(RegistryError) {
            try usage.requireRoom(forMore: bytes)
        } catch {
            guard await hasToCountAgain(usage, of: repository, after: error) else { throw error }
            try await self.usage(of: repository, bytesMax).requireRoom(forMore: bytes)
        }
    }

    /// What was counted of a repository does not hold any more.
    func forget(_ repository: RepositoryKey) {
        known.removeValue(forKey: repository)?.end()
    }

    private func hasToCountAgain(
        _ usage: RepositoryUsage, of repository: RepositoryKey, after error: RegistryError
    ) -> Bool {
        if usage.hasEnded { return true }
        guard error.code == .quotaExceeded else {
            // What is added last in a change is added in vain only when the store does not keep the change.
            if error.code.isOfTheStore { forget(repository) }
            return false
        }
        guard now().milliseconds - usage.countedAt.milliseconds > Self.countAgainAfterMilliseconds else { return false }
        forget(repository)
        return true
    }

    private func usage(
        of repository: RepositoryKey, _ bytesMax: UInt64
    ) async throws(RegistryError) -> RepositoryUsage {
        if let usage = known[repository] { return usage }
        let count = counts[repository] ?? Task { try await self.counted(repository, bytesMax) }
        counts[repository] = count
        let result = await count.result
        if counts[repository] == count { counts[repository] = nil }
        do {
            let usage = try result.get()
            if known[repository] == nil, !usage.hasEnded {
                if known.count >= Self.rememberedMax {
                    for usage in known.values { usage.end() }
                    known.removeAll()
                }
                known[repository] = usage
            }
            return usage
        } catch let error as RegistryError {
            throw error
        } catch {
            throw RegistryError(.internalError, "The bytes of a repository could not be counted.", cause: error)
        }
    }

    private func counted(_ repository: RepositoryKey, _ bytesMax: UInt64) async throws -> RepositoryUsage {
        // Whatever was added before, to a count that ended since, is kept or not by the time this is.
        try await settle()
        var found: [Digest: UInt64] = [:]
        var last: Digest?
        while true {
            let (store, after) = (store, last)
            let page = try await throughStore { () async throws(StorageFault) in
                try await store.blobs(in: repository, after: after, limit: RepositoryPage.limitMax)
            }
            for digest in page {
                let blobs = blobs
                let identity = try await throughStore { () async throws(StorageFault) in
                    try await blobs.identity(of: digest)
                }
                // What is not there would count once it comes.
                if let identity { found[digest] = identity.sizeBytes }
            }
            guard page.count == RepositoryPage.limitMax else { break }
            last = page.last
        }
        return RepositoryUsage(repository.name, bytesMax: bytesMax, holding: found, countedAt: now())
    }
}

extension ErrorCode {
    /// Whether a change may have been made or not.
    fileprivate var isOfTheStore: Bool {
        switch self {
        case .storageFull, .storageUnavailable, .internalError, .overloaded: true
        default: false
        }
    }
}

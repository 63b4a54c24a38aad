import OCI
import RegistryCore
import RegistryPorts

/// Records of the same content under whatever name, page by page; of a file also those of whatever holds it.
///
/// A file's own version is met twice: as one with the content, and as one that uses the blob. Whoever changes what is
/// met has to expect that it is done already.
struct ContentWalk {
    private enum Step { case content, users, end }

    private static let pageSize = 128

    private let content: ContentIdentity
    private let file: Digest?
    private let tenant: Tenant
    private var step = Step.content
    private var after: Int64 = 0

    /// - Parameter file: the one file that a pushed manifest consists of.
    init(_ content: ContentIdentity, file: Digest?, in tenant: Tenant) {
        self.content = content
        self.file = content.layout == .file ? content.sha256 : file
        self.tenant = tenant
    }

    /// - Returns: the next records, as they are in the transaction now; `nil` at the end. Rows that cannot be read are
    ///   left out, so that a page may be empty.
    mutating func next(in transaction: any MetadataTransaction) throws(StorageFault) -> [SealedRecord]? {
        switch step {
        case .content:
            let page = try transaction.records(
                withContent: content.sha256, in: tenant, after: after, limit: Self.pageSize)
            goOn(after: page.last?.id, then: file == nil ? .end : .users)
            return page.compactMap(\.record)
        case .users:
            guard let file else { return nil }
            let page = try transaction.users(of: file, after: after, limit: Self.pageSize)
            goOn(after: page.last?.id, then: .end)
            var found: [SealedRecord] = []
            for user in page where user.key.tenant == tenant {
                do throws(StorageFault) {
                    if let sealed = try transaction.record(user.key) { found.append(sealed) }
                } catch {
                    guard case .corrupted = error else { throw error }
                }
            }
            return found
        case .end: return nil
        }
    }

    private mutating func goOn(after last: Int64?, then next: Step) {
        if last == nil { step = next }
        after = last ?? 0
    }
}

/// The versions that use a blob, whatever their state, page by page.
struct BlobUserWalk {
    private let store: any MetadataReader
    private let blob: Digest
    private let pageSize: Int
    private var after: Int64? = 0

    init(_ store: any MetadataReader, of blob: Digest, pageSize: Int = VersionPage.limitMax) {
        self.store = store
        self.blob = blob
        self.pageSize = pageSize
    }

    /// - Returns: `nil` at the end. Versions that come to use the blob meanwhile may be among them.
    mutating func next() async throws(StorageFault) -> [ArtifactKey]? {
        guard let start = after else { return nil }
        let page = try await store.users(of: blob, after: start, limit: pageSize)
        after = page.last?.id
        return page.isEmpty ? nil : page.map(\.key)
    }
}

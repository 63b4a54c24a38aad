import struct Crypto.SHA256
public import OCI
public import RegistryCore

/// Names one upload: the same client asking for the same name and digest continues where it stopped.
public struct UploadID: Sendable, Hashable {
    /// 64 lower-case hexadecimal digits.
    public let hex: String

    /// - Parameters: what identifies the upload: where it goes, and which bytes it will be.
    public init(name: String, filename: String, sha256: Digest) {
        self.init([name, filename, sha256.hex])
    }

    /// An upload into a repository that was given a name of its own: the same name means nothing in another repository,
    /// or to anybody but who began it.
    public init(session: String, in repository: RepositoryKey, of owner: Actor) {
        // More fields than an upload of the model API has, so that the two are never the same.
        self.init(["session", "\(repository.tenant)", repository.name.description, session, owner.description])
    }

    private init(_ fields: [String]) {
        var hash = SHA256()
        for field in fields { hash.update(data: Array("\(field.utf8.count):\(field)".utf8)) }
        hex = hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// Bytes that arrive piece by piece, over several connections and restarts.
public protocol UploadStore: Sendable {
    /// Begins an upload that has no bytes yet. From then on `offset` knows it; after a restart only once it has some.
    ///
    /// - Throws: `.changed` when it is there already; `.full` when there are too many.
    func create(_ id: UploadID) async throws(StorageFault)

    /// How many bytes of an upload are kept; `nil` when there is no such upload.
    func offset(of id: UploadID) async throws(StorageFault) -> UInt64?

    /// Opens an upload for one writer at a time, creating it when there is none. Bytes beyond `offset` are dropped.
    ///
    /// - Parameters:
    ///   - total: how long the upload will be, where that was announced.
    ///   - algorithm: what the bytes are hashed with while they arrive. Those that are there are read again only where
    ///     they were hashed with another one, or by an earlier process.
    /// - Throws: `.changed` when another writer has it; `.notFound` when fewer than `offset` bytes are kept; `.full`,
    ///   having changed nothing, when there is no room for what is to come.
    func resume(
        _ id: UploadID, at offset: UInt64, expecting total: UInt64?, hashing algorithm: Digest.Algorithm
    ) async throws(StorageFault) -> any UploadWriter

    func discard(_ id: UploadID) async throws(StorageFault)

    /// Removes uploads that nobody wrote to since `time`.
    func discard(idleSince time: Timestamp) async throws(StorageFault) -> Int
}

extension UploadStore {
    public func resume(_ id: UploadID, at offset: UInt64) async throws(StorageFault) -> any UploadWriter {
        try await resume(id, at: offset, expecting: nil)
    }

    public func resume(
        _ id: UploadID, at offset: UInt64, expecting total: UInt64?
    ) async throws(StorageFault) -> any UploadWriter {
        try await resume(id, at: offset, expecting: total, hashing: .sha256)
    }
}

/// The one writer of an upload. Not durable before `finish`.
///
/// `suspend` and `finish` end it, also when they throw: once they return the next `resume` gets the upload, whoever
/// still holds on to this writer.
public protocol UploadWriter: AnyObject, Sendable {
    var offset: UInt64 { get async }
    /// Appends; hashing goes on beside it. Returns when the piece was taken over, so that a slow disk slows the client.
    func append(_ bytes: some Collection<UInt8> & Sendable) async throws(StorageFault)
    /// Keeps what arrived for a later `resume`.
    func suspend() async throws(StorageFault)
    /// The upload becomes a staged blob, with the digest that was computed on the way.
    func finish() async throws(StorageFault) -> any StagedBlob
}

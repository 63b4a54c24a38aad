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
        hex = hash.finalize().lowercaseHex
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

    /// How far an upload has come that takes parts; `nil` when there is no such upload, or one that takes its bytes in
    /// order.
    func parts(of id: UploadID) async throws(StorageFault) -> UploadParts?

    /// Opens a part of an upload that was begun for writing. The first one makes it an upload that takes parts, which
    /// it stays, also over restarts.
    ///
    /// Several may be open, none over the same bytes as another. Bytes that are there already are passed over: nothing
    /// that is there is ever written again.
    ///
    /// - Parameters:
    ///   - range: lies within `total` and is not empty.
    ///   - total: how long the upload will be.
    ///   - algorithm: what the bytes are hashed with while they arrive, as far as they do in order.
    /// - Throws: `.changed` when bytes of it are being written or the upload is being ended, when it has another
    ///   length, or has bytes that came in order; `.notFound` when it was not begun, or is gone; `.overloaded` when too
    ///   many parts are open; `.full`, having changed nothing, when there is no room for what is missing of it.
    func openPart(
        _ range: Range<UInt64>, of id: UploadID, total: UInt64, hashing algorithm: Digest.Algorithm
    ) async throws(StorageFault) -> any UploadPartWriter

    /// Opens an upload whose parts are all there for its end: nothing can be appended to it.
    ///
    /// - Throws: `.changed` while parts are open or another is ending it; `.notFound` while bytes are missing.
    func join(_ id: UploadID, hashing algorithm: Digest.Algorithm) async throws(StorageFault) -> any UploadWriter

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

/// How far an upload has come that takes parts.
public struct UploadParts: Sendable, Hashable {
    /// Ranges that an upload may have gaps between; more are not opened.
    public static let rangesMax = 96
    /// Parts of one upload that may be open.
    public static let openMax = 16

    /// How long the upload will be.
    public var total: UInt64
    /// What is there, and is after a power cut, too.
    public var present: UploadRanges

    public init(total: UInt64, present: UploadRanges = UploadRanges()) {
        self.total = total
        self.present = present
    }

    public var isComplete: Bool { present.missing(in: 0..<total).isEmpty }
}

/// Takes bytes of an upload.
public protocol UploadPartWriter: AnyObject, Sendable {
    /// Where the next byte goes.
    var offset: UInt64 { get async }
    /// Appends; hashing goes on beside it. Returns when the piece was taken over, so that a slow disk slows the client.
    func append(_ bytes: some Collection<UInt8> & Sendable) async throws(StorageFault)
    /// Ends the writer, also when it throws. What arrived is kept.
    func suspend() async throws(StorageFault)
}

/// The one writer of an upload. Not durable before `finish`.
///
/// `suspend` and `finish` end it, also when they throw: once they return the next `resume` gets the upload, whoever
/// still holds on to this writer.
public protocol UploadWriter: UploadPartWriter {
    /// The upload becomes a staged blob, with the digest that was computed on the way.
    func finish() async throws(StorageFault) -> any StagedBlob
}

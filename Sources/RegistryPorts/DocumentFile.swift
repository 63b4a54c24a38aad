public import OCI

/// One document on disk that is always replaced as a whole: a view, or a list that an operator wrote.
public protocol DocumentFile: Sendable {
    /// The document from its start, at most so many bytes of it; `nil` when there is none.
    ///
    /// - Throws: `.corrupted` for what is not a regular file.
    func read(bytesMax: Int) async throws(StorageFault) -> [UInt8]?

    /// The SHA-256 of the whole document, which is not held in memory; `nil` when there is none.
    func digest() async throws(StorageFault) -> Digest?

    /// Writes a new document beside the old one and puts it in its place at once. When this returns, it survives a
    /// power cut; when it throws, the old one stands as it was.
    ///
    /// - Parameter next: the pieces, one after another; `nil` at the end.
    /// - Returns: the SHA-256 of what was written.
    /// - Throws: what `next` throws, or `StorageFault`.
    func replace(with next: @Sendable () async throws -> [UInt8]?) async throws -> Digest
}

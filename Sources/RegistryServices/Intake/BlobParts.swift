public import OCI
public import RegistryCore
public import RegistryPorts
import StrictJSON

/// Where an upload stands.
public struct UploadStanding: Sendable, Hashable {
    /// How many bytes are here from the first one on.
    public var offset: UInt64
    /// Of an upload that takes parts.
    public var parts: UploadParts?

    public init(offset: UInt64, parts: UploadParts? = nil) {
        self.offset = offset
        self.parts = parts
    }
}

// Uploads whose parts come over several connections (docs/adr/0013). An upload becomes one with its first part.
extension BlobUploads {
    /// How long a part had best be.
    public static let partBytes: UInt64 = 16 << 20

    /// - Throws: `.uploadNotFound`, for a session of another repository or somebody else too.
    public func standing(
        of session: UploadSession, in repository: RepositoryKey, _ owner: Caller
    ) async throws(RegistryError) -> UploadStanding {
        let id = session.id(in: repository, owner)
        let (offset, parts) = try await throughStore { () async throws(StorageFault) -> (UInt64?, UploadParts?) in
            if let offset = try await uploads.offset(of: id) { return (offset, nil) }
            return (nil, try await uploads.parts(of: id))
        }
        guard let offset = offset ?? parts?.present.prefixBytes else {
            throw Self.notFound
        }
        return UploadStanding(offset: offset, parts: parts)
    }

    /// Opens a part for its bytes.
    ///
    /// - Parameters:
    ///   - range: where they go. What of it is here already is passed over.
    ///   - total: how long the upload will be, the same with each part.
    /// - Throws: `.uploadNotFound`; `.uploadOffsetMismatch` where bytes came in order before; `.invalidField` for
    ///   another length than was said first, and for one gap too many; `.concurrentChange` when another connection is
    ///   sending some of these bytes; `.storageFull`, `.quotaExceeded` before anything was taken; `.overloaded`.
    public func openPart(
        _ range: Range<UInt64>, of total: UInt64, _ session: UploadSession, in repository: RepositoryKey,
        _ owner: Caller
    ) async throws(RegistryError) -> any UploadPartWriter {
        let standing = try await standing(of: session, in: repository, owner)
        if let parts = standing.parts {
            try Self.require(range, of: total, in: parts)
        } else if standing.offset > 0 {
            throw Self.mismatch(at: standing.offset)
        }
        guard range.upperBound <= total, Int64(exactly: total) != nil else {
            throw Self.wrongRange("Content-Range names bytes behind the end.")
        }
        try await quotas.requireRoom(for: total, in: repository)
        do {
            return try await uploads.openPart(
                range, of: session.id(in: repository, owner), total: total, hashing: session.algorithm)
        } catch {
            switch error {
            case .changed:
                throw RegistryError(.concurrentChange, "Another connection is sending bytes of this part.")
            // It ended, or was given up, since it was looked for.
            case .notFound: throw Self.notFound
            default: throw RegistryError(error)
            }
        }
    }

    private static var notFound: RegistryError {
        RegistryError(.uploadNotFound, "There is no such upload: it ended, expired, or never began.")
    }

    private static func require(
        _ range: Range<UInt64>, of total: UInt64, in parts: UploadParts
    ) throws(RegistryError) {
        guard total == parts.total else { throw wrongRange("This upload was said to have \(parts.total) bytes.") }
        let present = parts.present
        guard
            present.ranges.count < UploadParts.rangesMax || range.lowerBound == 0
                || present.ends(at: range.lowerBound) || present.missing(in: range).isEmpty
        else { throw wrongRange("This upload has too many gaps: begin where bytes are that are here.") }
    }

    private static func wrongRange(_ sentence: String) -> RegistryError {
        RegistryError(.invalidField, sentence, detail: ["field": "Content-Range"])
    }

    /// Opens an upload whose parts are all here for its end.
    ///
    /// - Throws: `.uploadOffsetMismatch` with how far it is without a gap; `.concurrentChange`.
    public func join(
        _ session: UploadSession, in repository: RepositoryKey, endingAs digest: Digest, _ owner: Caller
    ) async throws(RegistryError) -> any UploadWriter {
        do {
            return try await uploads.join(session.id(in: repository, owner), hashing: digest.algorithm)
        } catch {
            switch error {
            case .changed: throw RegistryError(.concurrentChange, "A connection is sending a part of this upload.")
            case .notFound: throw Self.mismatch(at: try await standing(of: session, in: repository, owner).offset)
            default: throw RegistryError(error)
            }
        }
    }
}

internal import NIOCore
public import OCI
internal import RegistryClient

extension RemoteRepository: SignatureSource {
    /// Fewer would be asked for too often.
    private static let pageRowsMin = 100

    /// By the registry's own list, and by the one that clients keep under a tag: what was pushed before a registry had
    /// a list of its own is in the second alone.
    public func referrerRows(of subject: Digest, _ choice: ReferrerChoice) async throws -> ReferrerRows {
        var found = ReferrerRows(choice)
        // One more than is asked for says already that there are too many.
        let rowsPerPage = max(choice.countMax + 1, Self.pageRowsMin)
        try await eachReferrerPage(of: subject, rowsPerPage: rowsPerPage) { page in
            try found.add(index: page, limits: Self.listLimits)
            guard found.linesRead <= Self.referrersMax else {
                throw DistributionFault.excessive("More refers to \(subject) than is read.")
            }
            return !found.isExcessive
        }
        guard !found.isExcessive, let tag = Self.fallbackTag(of: subject) else { return found }
        if let list = try await manifest(taggedIfAny: tag) {
            // Anybody who may push may have put something else there.
            do { try found.add(index: list.bytes, limits: Self.listLimits) } catch { found.unreadable += 1 }
        }
        return found
    }

    public func manifest(taggedIfAny tag: Tag) async throws -> StoredManifest? {
        do throws(DistributionFault) {
            return try await manifest(.tag(tag))
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
    }

    public func bytes(of blob: Digest, sizeBytes: UInt64, bytesMax: Int) async throws -> [UInt8] {
        guard sizeBytes <= UInt64(bytesMax) else {
            throw DistributionFault.excessive("\(blob) is said to have more than \(bytesMax) bytes.")
        }
        let descriptor = Descriptor(mediaType: .octetStream, digest: blob, size: sizeBytes)
        let answer = try await open(descriptor, from: 0)
        var bytes: [UInt8] = []
        var pieces = answer.body.makeAsyncIterator()
        while let piece = try await pieces.next() {
            guard bytes.count + piece.readableBytes <= Int(sizeBytes) else {
                throw DistributionFault.wrongSize(blob, expected: sizeBytes)
            }
            bytes += piece.readableBytesView
        }
        guard try Digest(of: bytes, by: blob.algorithm) == blob else { throw DistributionFault.wrongBytes(blob) }
        return bytes
    }
}
